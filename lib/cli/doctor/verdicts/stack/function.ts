import { type DeployedMark, parseDescription } from '../../../../config/deployed-mark.ts';
import { toShellWord } from '../../../../platform/quote.ts';
import { green, red, type Verdict, yellow } from '../verdict.ts';

interface Deployed {
  readonly State?: string | undefined;
  readonly StateReason?: string | undefined;
  readonly LastUpdateStatus?: string | undefined;
  readonly LastUpdateStatusReason?: string | undefined;
  readonly LastModified?: string | undefined;
  readonly Description?: string | undefined;
}

interface Local extends DeployedMark {
  /** When its files were last written, in milliseconds since the epoch. */
  readonly changedAt: number;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html has the states; the worst comes first. */
export function judgeFunction(
  found: Deployed | undefined,
  { local, deploy, restore }: { local: Local; deploy: string; restore: string },
): readonly Verdict[] {
  if (found === undefined) return [red('does not exist in this account and region', restore)];
  const faults = [...judgeState(found), ...judgeUpdate(found, deploy), ...judgeMark(found, local, deploy)];
  if (faults.length > 0) return faults;
  return [green('is active, and has this version and this configuration')];
}

function judgeState({ State: state = 'unknown', StateReason: reason = 'no reason given' }: Deployed) {
  switch (state) {
    case 'Active':
      return [];
    case 'Inactive':
      return [yellow('was idle for weeks, and is inactive: its next invocation fails and makes it active')];
    case 'Pending':
      return [yellow(`is not active yet (Pending: ${reason})`)];
    default:
      return [red(`is ${state}: ${reason}`)];
  }
}

function judgeUpdate(found: Deployed, deploy: string): Verdict[] {
  const { LastUpdateStatus: status, LastUpdateStatusReason: reason = 'no reason given' } = found;
  if (status === 'Failed') return [red(`its last update failed: ${reason}`, deploy)];
  return status === 'InProgress' ? [yellow('is being updated')] : [];
}

function judgeMark(found: Deployed, local: Local, deploy: string): Verdict[] {
  const mark = parseDescription(found.Description);
  if (mark === undefined)
    return [
      yellow('does not say which version and configuration it has. A deployment makes it say so', deploy),
    ];
  const version =
    mark.version === local.version
      ? []
      : [yellow(`has version ${mark.version} of vsweep; this is version ${local.version}`, deploy)];
  const configuration =
    mark.configuration === local.configuration ? [] : [yellow(judgeAge(found, local), deploy)];
  return [...version, ...configuration];
}

/** A function is modified by other deployments, too: its time says only what a file that is newer means. */
function judgeAge({ LastModified: modified = '' }: Deployed, { changedAt }: Local): string {
  const deployedAt = Date.parse(modified);
  const what = 'has another configuration than the one here';
  if (Number.isNaN(deployedAt)) return what;
  return changedAt > deployedAt
    ? `${what}, which was written here after the deployment of ${new Date(deployedAt).toISOString()}`
    : `${what}, which is older than the deployment of ${new Date(deployedAt).toISOString()}`;
}

interface Invoked {
  readonly MaximumRetryAttempts?: number | undefined;
  readonly DestinationConfig?:
    | { readonly OnFailure?: { readonly Destination?: string | undefined } | undefined }
    | undefined;
}

/** A second login could be the one that locks an account: Lambda may repeat nothing. */
export function judgeRepetition(
  found: Invoked | undefined,
  { name, restore, hasDestination }: { name: string; restore: string; hasDestination: boolean },
): readonly Verdict[] {
  const attempts = found?.MaximumRetryAttempts ?? 2;
  const set = `aws lambda update-function-event-invoke-config --function-name ${toShellWord(name)} --maximum-retry-attempts 0`;
  return [
    ...(attempts === 0
      ? []
      : [
          yellow(
            `Lambda runs a failed event up to ${attempts} times again; the stack sets 0`,
            found === undefined ? restore : set,
          ),
        ]),
    ...(!hasDestination || found?.DestinationConfig?.OnFailure?.Destination !== undefined
      ? []
      : [yellow('events that fail go nowhere: the failure destination was removed', restore)]),
  ];
}
