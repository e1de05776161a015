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
  ['demo', 'queries', 'monitoring', 'page'],
  ['sweep', 'poll'],
  ['logins'],
  ['collectors', 'readers', 'sinks', 'netbox', 'state'],
  ['catalogue'],
  ['inventory'],
  ['vsphere', 'esxi', 'credentials', 'metrics'],
  ['config', 'platform'],
];

/** Imports that the levels alone would forbid. An entry that nothing needs any more is a fault, too. */
export const ALSO_ALLOWED: readonly Exception[] = [
  { from: 'config', to: 'platform', why: 'its errors extend VsweepError' },
  { from: 'esxi', to: 'credentials', why: 'it logs in with one' },
];

/** Imports that the levels alone would allow. */
export const FORBIDDEN: readonly Exception[] = [
  { from: 'functions', to: 'demo', why: 'the simulated fleet never runs in a deployment' },
  { from: 'functions', to: 'queries', why: 'the parser of PromQL is for the command line alone' },
];

/** Folders that import from anywhere and are imported by nobody: they are not shipped. */
export const UNSHIPPED: readonly string[] = ['test', 'bench', 'tools'];

/** The rooms that the deployment's code in `cdk/` may import: they do no I/O. */
export const CDK_MAY_IMPORT: readonly string[] = ['config', 'collectors'];

/**
 * Circles of folders inside a room that are still there, by the paths of two folders, or of a folder and a file beside
 * it. An entry that is part of no circle is a fault, too.
 */
export const STILL_IN_CIRCLES: readonly Exception[] = [];

/** Folders that do no I/O, and neither does what they import: values in, values out. */
export const PURE: readonly string[] = [
  'lib/catalogue',
  'lib/cli/doctor/verdicts',
  'lib/logins/rules',
  'lib/poll/format',
  'lib/poll/gateway/zmtp',
  'lib/monitoring',
  'lib/queries',
  'lib/sweep/plan',
  'lib/vsphere/vim25',
];

/** Names of folders that editors, searches and ignore lists take for generated. */
export const GENERATED: readonly string[] = ['target', 'build', 'dist', 'out'];

/** Folders that still have such a name. */
export const STILL_GENERATED: readonly string[] = [];
