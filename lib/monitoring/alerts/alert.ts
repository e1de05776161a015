/** The subjects of rule files, one file each. */
export const THEMES = ['vsweep', 'hosts', 'vms', 'datastores', 'clusters', 'vcenter'] as const;
export type Theme = (typeof THEMES)[number];

/** One alert, with what its runbook says. A name behind `$` is a threshold, in texts too, where a time becomes words. */
export interface Alert {
  readonly name: string;
  readonly expr: string;
  /** How long it holds before it fires; at once without. */
  readonly for?: string;
  readonly severity: 'critical' | 'warning';
  /** One line for whoever is woken, with `{{ $labels.… }}` of Prometheus. */
  readonly summary: string;
  readonly description: string;
  /** "Fires when …", in words. */
  readonly fires: string;
  /** What it means for the fleet, in a sentence or two. */
  readonly means: string;
  readonly lookAt: readonly string[];
  readonly actions: readonly string[];
}
