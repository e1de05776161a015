/** The metrics in CloudWatch that the functions write and the alarms read, in a namespace of their stack. */
export const namespaceOf = (stack: string): string => `vsweep/${stack}`;

export const SWEEP = 'sweep';
export const OUTCOME = 'outcome';

/** Each has the dimension `sweep` and no other; `hosts` has `outcome` beside it. */
export const METRICS = {
  /** Runs that came to an end, whatever became of them. */
  runs: 'Runs',
  /** Runs of which nothing came (exit code 1). */
  failedRuns: 'FailedRuns',
  /** How long a run took, in seconds. */
  runSeconds: 'RunSeconds',
  /** Events that came later than their interval, and were dropped. */
  lateEvents: 'LateEvents',
  /** Targets that a run left to another one under way. */
  leaseTargets: 'LeaseTargets',
  /** Targets that a run skipped as duplicate. */
  duplicateTargets: 'DuplicateTargets',
  /** Targets whose result a Pushgateway took. */
  pushedTargets: 'PushedTargets',
  /** Credentials that are suspended, at the end of a run. */
  suspendedCredentials: 'SuspendedCredentials',
  /** Host keys that were pinned at first contact. */
  pinnedHostKeys: 'PinnedHostKeys',
  /** Hosts by outcome on the path ssh, or on vcenter where no host is asked by ssh. */
  hosts: 'Hosts',
} as const;
