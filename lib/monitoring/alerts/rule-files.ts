import { stringify } from 'yaml';
import { type Alert, THEMES, type Theme } from './alert.ts';
import { CLUSTER_ALERTS } from './clusters.ts';
import { DATASTORE_ALERTS } from './datastores.ts';
import { HOST_ALERTS } from './hosts.ts';
import { fillIn, fillInWords, type Settings } from './thresholds.ts';
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

/** The alerts of a theme with the thresholds filled in, in expressions and in texts, and the address of each runbook. */
export function settledAlerts(theme: Theme, { settings, runbooks = RUNBOOKS }: RuleOptions = {}) {
  const text = (one: string): string => fillInWords(one, settings);
  return ALERTS[theme].map((alert) => ({
    name: alert.name,
    expr: fillIn(alert.expr, settings),
    ...(alert.for === undefined ? {} : { for: fillIn(alert.for, settings) }),
    severity: alert.severity,
    summary: text(alert.summary),
    description: text(alert.description),
    fires: text(alert.fires),
    means: text(alert.means),
    lookAt: alert.lookAt.map(text),
    actions: alert.actions.map(text),
    runbook: `${runbooks}/${alert.name}.md`,
  }));
}

/** The rules of some themes as Prometheus reads them, each theme a group. */
export function printRules(themes: readonly Theme[] = THEMES, options: RuleOptions = {}): string {
  const groups = themes.map((name) => ({
    name,
    rules: settledAlerts(name, options).map((alert) => ({
      alert: alert.name,
      expr: alert.expr,
      ...(alert.for === undefined ? {} : { for: alert.for }),
      labels: { severity: alert.severity },
      annotations: {
        summary: alert.summary,
        description: alert.description,
        runbook_url: alert.runbook,
      },
    })),
  }));
  return stringify({ groups }, { lineWidth: 0 });
}
