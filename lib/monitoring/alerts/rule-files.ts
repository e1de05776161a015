import { stringify } from 'yaml';
import { type Alert, THEMES, type Theme } from './alert.ts';
import { CLUSTER_ALERTS } from './clusters.ts';
import { DATASTORE_ALERTS } from './datastores.ts';
import { HOST_ALERTS } from './hosts.ts';
import { fillIn, type Settings } from './thresholds.ts';
import { VCENTER_ALERTS } from './vcenter.ts';
import { VM_ALERTS } from './vms.ts';
import { VSWEEP_ALERTS } from './vsweep.ts';

export const ALERTS: { readonly [Name in Theme]: readonly Alert[] } = {
  vsweep: VSWEEP_ALERTS,
  hosts: HOST_ALERTS,
  vms: VM_ALERTS,
  datastores: DATASTORE_ALERTS,
  clusters: CLUSTER_ALERTS,
  vcenter: VCENTER_ALERTS,
};

export interface RuleOptions {
  readonly settings?: Settings;
  /** What runbooks are behind, without a slash at the end: a folder, or the url of a wiki. */
  readonly runbooks?: string;
}

const RUNBOOKS = 'docs/runbooks';

/** The rules of some themes as Prometheus reads them, each theme a group. */
export function printRules(
  themes: readonly Theme[] = THEMES,
  { settings, runbooks = RUNBOOKS }: RuleOptions = {},
): string {
  const groups = themes.map((name) => ({
    name,
    rules: ALERTS[name].map((alert) => ({
      alert: alert.name,
      expr: fillIn(alert.expr, settings),
      ...(alert.for === undefined ? {} : { for: fillIn(alert.for, settings) }),
      labels: { severity: alert.severity },
      annotations: {
        summary: alert.summary,
        description: alert.description,
        runbook_url: `${runbooks}/${alert.name}.md`,
      },
    })),
  }));
  return stringify({ groups }, { lineWidth: 0 });
}
