import { describe, expect, it } from 'vitest';
import { sizeOfTask } from '../../../lib/config/aws-task.ts';
import { checkTask } from '../../../lib/config/check-task.ts';
import { sections } from '../../../lib/config/schema.ts';
import { EXISTING } from './deployable.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;
const awsOf = (written: object) => {
  const { data, error } = sections.aws.safeParse({ network: EXISTING, ...written });
  if (data === undefined) throw new Error(error?.message ?? 'the section is absent');
  return data;
};
const faultsOf = (written: object) =>
  checkTask(awsOf(written)).map(({ path, message }) => `${path}: ${message}`);

describe('a task in place of the functions', () => {
  it('is a quarter of a core with 512 MB, and with more cores has the least memory that Fargate has for them', () => {
    expect(sizeOfTask(awsOf({ task: true }))).toEqual({ vcpu: 0.25, memoryMb: 512 });
    expect(sizeOfTask(awsOf({ task: true, taskSize: { vcpu: 0.5 } }))).toEqual({
      vcpu: 0.5,
      memoryMb: 1_024,
    });
    expect(sizeOfTask(awsOf({ task: true, taskSize: { vcpu: 1, memoryMb: 4_096 } }))).toEqual({
      vcpu: 1,
      memoryMb: 4_096,
    });
    expect(faultsOf({ task: true, taskSize: { memoryMb: 2_048 }, taskBaseImage: `node@${DIGEST}` })).toEqual(
      [],
    );
  });

  it('needs a VPC, and says which section to write', () => {
    expect(faultsOf({ task: true, network: undefined })).toEqual([
      'aws.task: needs a VPC for the task to stand in; write, with your VPC and the ranges of your hosts, ' +
        'aws: { network: { vpcId: new, endpoints: nat, egressCidrs: [10.0.0.0/8] } }',
    ]);
  });

  it('has no setting of the functions and schedules that it replaces', () => {
    const written = {
      task: true,
      functions: { sweep: { memoryMb: 1_024 }, 'collect-batch': {}, poll: { memoryMb: 512 } },
      inlineBelowHosts: 10,
      split: 'target',
    };
    expect(faultsOf(written)).toEqual(
      ['functions.sweep', 'functions.collect-batch', 'inlineBelowHosts', 'split'].map(
        (key) => `aws.${key}: has no effect with aws.task: true; leave it out`,
      ),
    );
  });

  it('has a size that Fargate has', () => {
    expect(faultsOf({ task: true, taskSize: { vcpu: 0.5, memoryMb: 512 } })).toEqual([
      'aws.taskSize.memoryMb: with 0.5 vCPU Fargate has 1024, 2048, 3072, 4096 MB; write one of these',
    ]);
    expect(() => awsOf({ taskSize: { vcpu: 2 } })).toThrow('write 0.25, 0.5 or 1: one thread does the work');
  });

  it('is built on an image by its digest', () => {
    expect(() => awsOf({ task: true, taskBaseImage: 'node:24' })).toThrow('write an image with its digest');
  });

  it('is not there where it is not asked for, and then nothing is said about it', () => {
    expect(faultsOf({ functions: { sweep: {} }, split: 'target', network: undefined })).toEqual([]);
    expect(faultsOf({ taskSize: {}, taskBaseImage: `node@${DIGEST}` })).toEqual([
      'aws.taskSize: has no effect without aws.task: true; leave it out',
      'aws.taskBaseImage: has no effect without aws.task: true; leave it out',
    ]);
  });
});
