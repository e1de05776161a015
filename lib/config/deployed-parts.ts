/** A function of a deployment. */
export type Reader = 'sweep' | 'collect-batch' | 'poll';
/** What of a deployment runs our code: functions, or the task that does what two of them do. */
export type DeployedPart = Reader | 'task';

const FUNCTIONS: readonly DeployedPart[] = ['sweep', 'collect-batch', 'poll'];
const WITH_TASK: readonly DeployedPart[] = ['task', 'poll'];

/** The parts that a section `aws` deploys. */
export const deployedParts = ({ task }: { readonly task: boolean }): readonly DeployedPart[] =>
  task ? WITH_TASK : FUNCTIONS;

/** The functions whose work a part does: it connects to what they connect to, and has their rights. */
export const worksAs = (part: DeployedPart): readonly Reader[] =>
  part === 'task' ? ['sweep', 'collect-batch'] : [part];
