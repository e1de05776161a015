export interface Exception {
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/**
 * Who may import whom, as the design draws it: a room (a folder of `lib/`, or `functions/`) may import the rooms of
 * every level below its own and none of its own level.
 */
export const LEVELS: readonly (readonly string[])[] = [
  ['functions', 'cli'],
  ['demo'],
  ['sweep', 'poll'],
  ['collectors', 'sinks', 'netbox', 'state', 'lockout'],
  ['vsphere', 'esxi', 'credentials', 'metrics'],
  ['config', 'platform'],
];

/** Imports that the levels alone would forbid. An entry that nothing needs any more is a fault, too. */
export const ALSO_ALLOWED: readonly Exception[] = [
  { from: 'config', to: 'platform', why: 'its errors extend VsweepError' },
  { from: 'esxi', to: 'credentials', why: 'it logs in with one' },
  { from: 'state', to: 'lockout', why: 'it stores the history that lockout judges' },
];

/** Imports that the levels alone would allow. */
export const FORBIDDEN: readonly Exception[] = [
  { from: 'functions', to: 'demo', why: 'the simulated fleet never runs in a deployment' },
];

/** Folders that import from anywhere and are imported by nobody: they are not shipped. */
export const UNSHIPPED: readonly string[] = ['test', 'bench', 'tools'];

/** The rooms that the deployment's code in `cdk/` may import: they do no I/O. */
export const CDK_MAY_IMPORT: readonly string[] = ['config', 'collectors'];
