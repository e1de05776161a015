import { describe, expect, it, vi } from 'vitest';
import type { AskAws } from '../../../../lib/cli/doctor/checks/stack/ask-aws.ts';
import { type FoundParts, needed } from '../../../../lib/cli/doctor/checks/stack/found-parts.ts';
import {
  type Look,
  lookAtAlarms,
  lookAtConcurrency,
  lookAtDeadLetters,
  lookAtDeployment,
  lookAtIntegritySecret,
  lookAtRuns,
  lookAtSchedules,
  lookAtSecret,
  lookAtStack,
  lookAtTable,
  lookAtTask,
  type StackContext,
} from '../../../../lib/cli/doctor/checks/stack/looks.ts';
import { NotAskedError } from '../../../../lib/cli/doctor/checks/stack/not-asked-error.ts';
import { seen } from '../../../../lib/cli/doctor/checks/stack/opened-account.ts';
import { green } from '../../../../lib/cli/doctor/verdicts/verdict.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { printVerdict } from '../../../support/print-verdict.ts';
import { configOf, sweep } from '../../config/deployable.ts';

const clock = createManualClock();
const denied = async (): Promise<never> => {
  throw new NotAskedError('AWS denies it', { code: 'denied' });
};
const parts = (type: string, ...ids: (string | undefined)[]) =>
  ids.map((PhysicalResourceId) => ({
    ResourceType: type,
    ...(PhysicalResourceId && { PhysicalResourceId }),
  }));

function contextOf({ aws = {}, ...found }: { aws?: object } & Partial<FoundParts> = {}): StackContext {
  const config = configOf({
    sweeps: [sweep('a', ['overall-status']), sweep('b', ['overall-status'])],
    aws: { alarms: { emails: ['ops@example.org'] }, ...aws },
  });
  if (config.aws === undefined) throw new Error('no aws');
  return {
    found: {
      where: 'WHERE',
      stack: undefined,
      resources: undefined,
      sweep: undefined,
      queue: undefined,
      ...found,
    } as FoundParts,
    stack: 'Lab',
    aws: config.aws,
    surroundings: { loaded: { config }, clock } as unknown as StackContext['surroundings'],
    deploy: 'DEPLOY',
    restore: 'RESTORE',
    file: 'vsweep.yaml',
  };
}

/** What a look finds; answers are given by the names of questions. */
async function find(
  look: Look,
  answers: Partial<Record<keyof AskAws, (...asked: never[]) => Promise<unknown>>>,
) {
  return [await look(answers as unknown as AskAws)].flat().map(printVerdict);
}

/** The function that says what the sweeps use. */
const uses = (variable: string, value: string) => ({ Environment: { Variables: { [variable]: value } } });

describe('a look at the stack', () => {
  it('keeps what is found for the other looks', async () => {
    const context = contextOf();
    const [stack, resources] = [{ StackStatus: 'CREATE_COMPLETE' }, parts('T', 'id')];
    const found = await find(lookAtStack(context), {
      stack: async (name: string) => (name === 'Lab' ? stack : undefined),
      resources: async (name: string) => (name === 'Lab' ? resources : []),
    });
    expect(found).toEqual(['green: exists in WHERE']);
    expect(context.found).toMatchObject({ stack, resources });
  });

  it('lists no parts of a stack that does not exist', async () => {
    const resources = vi.fn(denied);
    const found = await find(lookAtStack(contextOf()), { stack: async () => undefined, resources });
    expect(found).toEqual([expect.stringMatching(/^red: does not exist in WHERE\. /)]);
    expect(resources).not.toHaveBeenCalled();
  });

  it('says what it was denied, and does the rest', async () => {
    const context = contextOf();
    expect(
      await find(lookAtStack(context), { stack: denied, resources: async () => parts('T', 'id') }),
    ).toEqual(['yellow: not checked: AWS denies it']);
    expect(context.found.resources).toHaveLength(1);
    expect(await find(lookAtStack(contextOf()), { stack: async () => ({}), resources: denied })).toEqual([
      'green: exists in WHERE',
      'yellow: not checked: AWS denies it',
    ]);
  });

  it('at its deployment has a line for its status and one for each part that failed', async () => {
    const context = contextOf({
      stack: { StackStatus: 'UPDATE_ROLLBACK_COMPLETE', DriftInformation: { StackDriftStatus: 'DRIFTED' } },
      resources: [{ LogicalResourceId: 'A', ResourceStatus: 'CREATE_FAILED' }] as never,
    });
    expect(await find(lookAtDeployment(context), {})).toEqual([
      'yellow: the last deployment failed, and the stack is as before it (UPDATE_ROLLBACK_COMPLETE) | DEPLOY',
      expect.stringMatching(/^yellow: resources were changed .* \| RESTORE$/),
      'red: the part A is CREATE_FAILED',
    ]);
    const whole = contextOf({ stack: { StackStatus: 'CREATE_COMPLETE' } });
    expect(await find(lookAtDeployment(whole), {})).toEqual([
      'green: the last deployment is complete (CREATE_COMPLETE)',
    ]);
    await expect(find(lookAtDeployment(contextOf()), {})).rejects.toThrow(
      'the status of the stack is not known, see the line "stack"',
    );
  });
});

describe('a look at the task', () => {
  const task = (aws: object, ...services: string[]) =>
    find(lookAtTask(contextOf({ aws, resources: parts('AWS::ECS::Service', ...services) as never })), {});
  const there =
    'green: the stack has the service of a task that runs the sweeps. ECS is not asked whether it runs: the alarm Lab-task fires when it does not';
  const lacks = 'red: the stack has no task that runs the sweeps | RESTORE';

  it('counts services, of which one is the Pushgateway where it is deployed', async () => {
    expect(await task({}, 'one')).toEqual([there]);
    expect(await task({})).toEqual([lacks]);
    const pushgateway = { deploy: true, prometheusCidrs: ['10.0.5.0/24'] };
    const network = { vpcId: 'new', endpoints: 'nat', egressCidrs: ['10.20.0.0/16'] };
    expect(await task({ pushgateway, network }, 'one')).toEqual([lacks]);
    expect(await task({ pushgateway, network }, 'one', 'two')).toEqual([there]);
  });
});

describe('a look at the concurrency', () => {
  it('compares schedules and workers with what the account leaves', async () => {
    const left = (UnreservedConcurrentExecutions: number) => ({
      accountSettings: async () => ({ AccountLimit: { UnreservedConcurrentExecutions } }),
    });
    const of = (aws: object, most: number) => find(lookAtConcurrency(contextOf({ aws })), left(most));
    const enough = 'enough for 2 schedules and';
    expect(await of({}, 900)).toEqual([
      `green: the account has 900 unreserved executions at once, ${enough} 50 workers`,
    ]);
    expect(await of({ maxConcurrentBatches: 7 }, 900)).toEqual([
      `green: the account has 900 unreserved executions at once, ${enough} 7 workers`,
    ]);
    const functions = { 'collect-batch': { reservedConcurrency: 20 } };
    expect(await of({ functions }, 900)).toEqual([
      expect.stringMatching(/^yellow: aws\.functions\.collect-batch\.reservedConcurrency is 20, /),
    ]);
    expect(await of({ functions: { sweep: { reservedConcurrency: 1 } } }, 900)).toEqual([
      expect.stringMatching(/^yellow: aws\.functions\.sweep\.reservedConcurrency is 1, /),
    ]);
    expect(await find(lookAtConcurrency(contextOf()), { accountSettings: async () => undefined })).toEqual([
      'yellow: not checked: AWS does not say what the account may run at once',
    ]);
  });
});

describe('a look at the table', () => {
  const look = lookAtTable(contextOf({ sweep: uses('VSWEEP_TABLE', 'T') as never }));
  const table = {
    TableStatus: 'ACTIVE',
    KeySchema: [{ AttributeName: 'pk' }, { AttributeName: 'sk' }],
    DeletionProtectionEnabled: true,
  };
  const ofT = (answer: object) => async (name: string) => (name === 'T' ? answer : undefined);
  const answers = {
    table: ofT(table),
    timeToLive: ofT({ TimeToLiveStatus: 'ENABLED' }),
    backups: ofT({ PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' } }),
  };

  it('is at the one that the functions use', async () => {
    expect(await find(look, answers)).toEqual([
      'green: is active',
      'green: items expire by expiresAt',
      'green: point-in-time recovery is on',
    ]);
    expect(await find(look, { ...answers, table: async () => undefined })).toEqual([
      'red: does not exist in this account and region: runs have no state',
    ]);
    expect(await find(look, { ...answers, timeToLive: denied, backups: denied })).toEqual([
      'green: is active',
      'yellow: not checked: AWS denies it',
      'yellow: not checked: AWS denies it',
    ]);
    for (const sweep of [undefined, {}, { Environment: {} }])
      await expect(find(lookAtTable(contextOf({ sweep: sweep as never })), answers)).rejects.toThrow(
        'which table the functions use is not known, see the line "function"',
      );
  });
});

describe('a look at secrets', () => {
  const answers = {
    secret: async (id: string) => (id === 'S' ? { VersionIdsToStages: { a: ['AWSCURRENT'] } } : undefined),
  };

  it('is at the one of the configuration, and at the one that the functions use', async () => {
    expect(await find(lookAtSecret('S', contextOf()), answers)).toEqual(['green: exists, and has a value']);
    expect(await find(lookAtSecret('other', contextOf()), answers)).toEqual([
      expect.stringMatching(/^red: does not exist in WHERE\. Write it into .*--name other /),
    ]);
    const used = (id: string) =>
      lookAtIntegritySecret(contextOf({ sweep: uses('VSWEEP_INTEGRITY_SECRET', id) as never }));
    expect(await find(used('S'), answers)).toEqual(['green: exists, and has a value']);
    expect(await find(used('other'), answers)).toEqual([
      'red: the integrity secret does not exist: no worker believes a request, and host lists are unknown',
    ]);
    await expect(find(lookAtIntegritySecret(contextOf()), answers)).rejects.toThrow(
      'which integrity secret the functions use is not known, see the line "function"',
    );
  });

  it('knows the key of the configuration', async () => {
    const kmsKeyArn = 'arn:aws:kms:eu-central-1:123456789012:key/1111';
    const of = async () => ({ KmsKeyId: '2222', VersionIdsToStages: { a: ['AWSCURRENT'] } });
    const context = contextOf({ aws: { kmsKeyArn }, sweep: uses('VSWEEP_INTEGRITY_SECRET', 'S') as never });
    for (const look of [lookAtSecret('S', context), lookAtIntegritySecret(context)])
      expect(await find(look, { secret: of })).toEqual([
        expect.stringContaining(`is encrypted with the key 2222, and aws.kmsKeyArn is ${kmsKeyArn}`),
      ]);
  });
});

describe('a look at schedules', () => {
  it('is at those of the sweep function of the stack', async () => {
    const resources = [
      ...parts('AWS::Scheduler::Schedule', 'one', 'two', 'app', 'gone'),
      ...parts('AWS::SQS::Queue', 'q'),
    ];
    const Arn = 'arn:aws:lambda:eu-central-1:123456789012:function:Lab-sweep';
    const schedule = (Description: string) => ({
      Description,
      ScheduleExpression: 'rate(1 minute)',
      Target: { Arn },
    });
    const all: Record<string, object> = {
      one: schedule('vsweep sweep a'),
      two: schedule('vsweep sweep b'),
      app: { ...schedule('app'), Target: { Arn: `${Arn}er` } },
      q: schedule('queue'),
    };
    const look = lookAtSchedules(contextOf({ resources: resources as never }));
    const ask = (of: Record<string, object>) => find(look, { schedule: async (name: string) => of[name] });
    expect(await ask(all)).toEqual(['green: all 2 schedules are enabled']);
    expect(await ask({ ...all, two: schedule('old') })).toEqual([
      'red: sweep b has no schedule | RESTORE',
      'yellow: old is scheduled, and is not in the configuration here | DEPLOY',
    ]);
    await expect(find(lookAtSchedules(contextOf()), {})).rejects.toThrow(
      'what the stack is made of is not known, see the line "stack"',
    );
  });
});

describe('a look at the runs of a sweep', () => {
  const one = { name: 'a', everyMs: 60_000 };
  const none = async () => [];

  it('asks for the time in which one has to be', async () => {
    const runs = vi.fn(async (_of: object) => [{ Id: 'runs', Timestamps: [new Date(0)], Values: [1] }]);
    expect(await find(lookAtRuns(one, contextOf()), { runs })).toEqual([
      'green: its last run ended at 1970-01-01T00:00:00.000Z',
    ]);
    const to = clock.now();
    expect(runs.mock.calls).toEqual([[{ stack: 'Lab', sweep: 'a', from: to - 15 * 60_000, to }]]);
  });

  it('shows the log of the function, and knows when it was changed', async () => {
    const of = (found: object | undefined) =>
      find(lookAtRuns(one, contextOf({ sweep: found as never })), { runs: none });
    const silent = 'red: no run ended within 15 minutes';
    expect(await of(undefined)).toEqual([silent]);
    expect(await of({ LastModified: 'nonsense', LoggingConfig: { LogGroup: 'a b' } })).toEqual([
      `${silent} | aws logs tail 'a b' --since 15m`,
    ]);
    expect(await of({ LastModified: new Date(clock.now()).toISOString() })).toEqual([
      'yellow: no run ended within 15 minutes; the function was changed less than that ago',
    ]);
  });
});

describe('a look at alarms', () => {
  it('is at those of the stack, and at none of one whose name begins alike', async () => {
    const resources = parts('AWS::CloudWatch::Alarm', 'Lab-failing-a', undefined);
    const alarms = vi.fn(async (_prefix: string) => [
      { AlarmName: 'Lab-failing-a', StateValue: 'ALARM', AlarmDescription: 'x' },
      { AlarmName: 'Lab-two-failing', StateValue: 'ALARM' },
      { StateValue: 'OK' },
    ]);
    const found = await find(lookAtAlarms(contextOf({ resources: resources as never })), { alarms });
    expect(found).toEqual(['yellow: 1 of 2 were deleted:  | RESTORE', 'red: Lab-failing-a fires: x']);
    expect(alarms.mock.calls).toEqual([['Lab-']]);
  });
});

describe('a look at failed events', () => {
  const look = (queue: string | undefined, ...urls: string[]) =>
    lookAtDeadLetters(contextOf({ queue, resources: parts('AWS::SQS::Queue', ...urls) as never }));
  const answers = {
    queue: async (url: string) => ({ ApproximateNumberOfMessages: url.endsWith('/failed') ? '2' : '0' }),
  };

  it('is at the queue of the function, which is a part of the stack', async () => {
    const arn = 'arn:aws:sqs:eu-central-1:1:failed';
    expect(await find(look(arn, 'https://sqs/1/unfailed', 'https://sqs/1/failed'), answers)).toEqual([
      expect.stringMatching(
        /^yellow: the queue of failed runs holds about 2 .*--queue-url https:\/\/sqs\/1\/failed /,
      ),
    ]);
    expect(await find(look(arn, 'https://sqs/1/unfailed'), answers)).toEqual([
      'red: events that fail go to a queue that is no part of the stack | RESTORE',
    ]);
    await expect(find(look(undefined), answers)).rejects.toThrow(
      'where failed events go is not known, see the line "function"',
    );
  });
});

describe('what was seen', () => {
  it('is itself, a yellow line where somebody could not be asked, and any other fault', async () => {
    expect(await seen(async () => green('a'))).toEqual([green('a')]);
    expect(await seen(async () => [green('a'), green('b')])).toEqual([green('a'), green('b')]);
    expect((await seen(denied)).map(printVerdict)).toEqual(['yellow: not checked: AWS denies it']);
    await expect(
      seen(async () => {
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
  });

  it('that another check did not find has the name of that check in its message', () => {
    expect(needed('x', 'what', 'stack')).toBe('x');
    expect(() => needed(undefined, 'what', 'stack')).toThrow(
      expect.objectContaining({ code: 'unknown', message: 'what is not known, see the line "stack"' }),
    );
  });
});
