import type { AwsConfig } from './aws.ts';
import { sizeOfTask, TASK_MEMORY_MB } from './aws-task.ts';
import type { ConfigIssue } from './errors.ts';

/** What a task needs, and what has no effect beside it or without it. */
export function checkTask(aws: AwsConfig): ConfigIssue[] {
  const at = (key: string, message: string): ConfigIssue => ({ path: `aws.${key}`, message });
  if (!aws.task) {
    return (['taskSize', 'taskBaseImage'] as const)
      .filter((key) => aws[key] !== undefined)
      .map((key) => at(key, 'has no effect without aws.task: true; leave it out'));
  }
  const { functions, network } = aws;
  const { vcpu, memoryMb } = sizeOfTask(aws);
  const possible = TASK_MEMORY_MB.get(vcpu) ?? [];
  const unread: readonly (readonly [key: string, isWritten: boolean])[] = [
    ['functions.sweep', functions.sweep !== undefined],
    ['functions.collect-batch', functions['collect-batch'] !== undefined],
    ['inlineBelowHosts', aws.inlineBelowHosts !== undefined],
    ['split', aws.split === 'target'],
  ];
  return [
    ...(network === undefined ? [at('task', NO_NETWORK)] : []),
    ...unread.flatMap(([key, isWritten]) =>
      isWritten ? [at(key, 'has no effect with aws.task: true; leave it out')] : [],
    ),
    ...(possible.includes(memoryMb)
      ? []
      : [
          at(
            'taskSize.memoryMb',
            `with ${vcpu} vCPU Fargate has ${possible.join(', ')} MB; write one of these`,
          ),
        ]),
  ];
}

const NO_NETWORK =
  'needs a VPC for the task to stand in; write, with your VPC and the ranges of your hosts, ' +
  'aws: { network: { vpcId: new, endpoints: nat, egressCidrs: [10.0.0.0/8] } }';
