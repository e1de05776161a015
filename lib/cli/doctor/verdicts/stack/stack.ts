import { green, red, type Verdict, yellow } from '../verdict.ts';

interface Stack {
  readonly StackStatus?: string | undefined;
  readonly StackStatusReason?: string | undefined;
  readonly DriftInformation?: { readonly StackDriftStatus?: string | undefined } | undefined;
}

interface Resource {
  readonly LogicalResourceId?: string | undefined;
  readonly ResourceStatus?: string | undefined;
  readonly ResourceStatusReason?: string | undefined;
}

/** Statuses after which the stack is what its last deployment said. */
const WHOLE = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE']);
/** After a deployment that failed: the stack is what it was before. */
const AS_BEFORE = new Set(['UPDATE_ROLLBACK_COMPLETE', 'IMPORT_ROLLBACK_COMPLETE']);

/** Nothing is deployed or created by a command that is printed here: a forgotten AWS_PROFILE is likelier than no stack. */
export const judgeAbsence = (where: string): Verdict =>
  red(
    `does not exist in ${where}. If that is not where it was deployed, set AWS_PROFILE and AWS_REGION; a second stack with the same targets could lock their accounts. If it was never deployed, see docs/deploy.md`,
  );

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html has all statuses. */
export function judgeStack(
  found: Stack,
  { deploy, restore }: { deploy: string; restore: string },
): readonly Verdict[] {
  const { StackStatus: status = 'unknown', StackStatusReason: reason, DriftInformation: drift } = found;
  const said = reason === undefined ? status : `${status}: ${reason}`;
  return [judgeStatus(status, said, deploy), ...judgeDrift(drift?.StackDriftStatus, restore)];
}

function judgeStatus(status: string, said: string, deploy: string): Verdict {
  if (WHOLE.has(status)) return green(`the last deployment is complete (${status})`);
  if (AS_BEFORE.has(status))
    return yellow(`the last deployment failed, and the stack is as before it (${said})`, deploy);
  if (status.endsWith('_IN_PROGRESS')) return yellow(`a deployment is under way (${said})`);
  if (status === 'ROLLBACK_COMPLETE')
    return red(`the first deployment failed (${said}). Delete the stack, then deploy again`, deploy);
  return red(`the last deployment failed (${said}). Look at the events of the stack in CloudFormation`);
}

/** CloudFormation looks for drift on request only. */
function judgeDrift(status: string | undefined, restore: string): readonly Verdict[] {
  if (status !== 'DRIFTED') return [];
  return [
    yellow(
      'resources were changed outside of CloudFormation (DRIFTED). Look at its drift results in CloudFormation; a deployment that reverts drift undoes them',
      restore,
    ),
  ];
}

/** Parts whose last change failed; nothing where there is none. */
export const judgeResources = (resources: readonly Resource[]): readonly Verdict[] =>
  resources
    .filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED') === true)
    .map(({ LogicalResourceId: id, ResourceStatus: status, ResourceStatusReason: reason }) =>
      red(`the part ${id} is ${status}${reason === undefined ? '' : `: ${reason}`}`),
    );
