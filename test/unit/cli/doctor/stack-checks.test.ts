import { resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { AskAws } from '../../../../lib/cli/doctor/checks/stack/ask-aws.ts';
import { NotAskedError } from '../../../../lib/cli/doctor/checks/stack/not-asked-error.ts';
import {
  type OpenedAccount,
  openAccount,
  seen,
} from '../../../../lib/cli/doctor/checks/stack/opened-account.ts';
import { stackChecks } from '../../../../lib/cli/doctor/checks/stack/stack-checks.ts';
import type { Check } from '../../../../lib/cli/doctor/engine/check.ts';
import type { Surroundings } from '../../../../lib/cli/doctor/engine/surroundings.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { printVerdict } from '../../../support/print-verdict.ts';
import { configOf, sweep, target } from '../../config/deployable.ts';

const { signal } = new AbortController();
const surroundings = (aws: object | undefined) => {
  const sections = {
    targets: [target('vc01'), target('vc02')],
    sweeps: [sweep('a', ['overall-status']), sweep('b', ['hosts'])],
    push: { url: 'https://gw', credentials: { secret: 'vc01' } },
  };
  const whole = configOf({ ...sections, aws: { alarms: { emails: ['ops@example.org'] }, ...aws } });
  const config = aws === undefined ? { ...whole, aws: undefined } : whole;
  return { loaded: { config }, clock: createManualClock() } as unknown as Surroundings;
};

/** An account in which nothing exists, and which questions it was asked. */
function accountOf(of: Partial<OpenedAccount> = {}) {
  const asked: string[] = [];
  const ask = new Proxy({} as AskAws, {
    get: (_, question: string) => async (about: unknown) => {
      const text = typeof about === 'string' ? about : (about as { sweep?: string } | undefined)?.sweep;
      asked.push(`${question} ${text ?? ''}`);
      return { stack: {}, resources: [], runs: [], alarms: [] }[question];
    },
  });
  const account: OpenedAccount = {
    load: async () => undefined,
    open: async () => ({ region: 'eu-central-1', account: '123456789012' }),
    look: (look) => seen(() => look(ask)),
    [Symbol.asyncDispose]: async () => undefined,
    ...of,
  };
  return { account, asked };
}

const described = ({ name, subject, after = [], ms, late, logsIn }: Check) => [
  `${name} ${subject}`,
  after.map((one) => `${one.name} ${one.subject}`).join(', '),
  ms,
  late,
  logsIn,
];

describe('the checks of a stack', () => {
  it('are none without a stack', () => {
    expect(stackChecks(surroundings(undefined), 'vsweep.yaml').checks).toEqual([]);
  });

  it('are a line for each part, each behind what it needs; one that is late tells nothing of a run', () => {
    const { checks } = stackChecks(surroundings({ stack: 'Lab' }), 'vsweep.yaml', accountOf().account);
    const [late, long] = ['yellow', 60_000];
    const ofSweep = 'stack Lab, function Lab-sweep';
    expect(checks.map(described)).toEqual(
      [
        ['aws Lab', '', long],
        ['stack Lab', 'aws Lab'],
        ['deployment Lab', 'stack Lab'],
        ['function Lab-sweep', 'stack Lab'],
        ['function Lab-collect-batch', 'stack Lab'],
        ['function Lab-poll', 'stack Lab'],
        ['concurrency Lab', 'aws Lab'],
        ['table Lab', ofSweep],
        ['secret vc01', 'stack Lab'],
        ['secret vc02', 'stack Lab'],
        ['integrity secret Lab', ofSweep],
        ['schedules Lab', ofSweep, long],
        ['last run a', ofSweep],
        ['last run b', ofSweep],
        ['alarms Lab', 'stack Lab', long],
        ['dead letters Lab', ofSweep],
      ].map(([name, after, ms]) => [name, after, ms, late, undefined]),
    );
  });

  it('of a task go by the function that answers polls, and leave out what a task does not have', () => {
    const { checks } = stackChecks(surroundings({ task: true }), 'vsweep.yaml', accountOf().account);
    const ofPoll = 'stack Vsweep, function Vsweep-poll';
    expect(checks.map((one) => described(one).slice(0, 2))).toEqual([
      ['aws Vsweep', ''],
      ['stack Vsweep', 'aws Vsweep'],
      ['deployment Vsweep', 'stack Vsweep'],
      ['task Vsweep', 'stack Vsweep'],
      ['function Vsweep-poll', 'stack Vsweep'],
      ['table Vsweep', ofPoll],
      ['secret vc01', 'stack Vsweep'],
      ['secret vc02', 'stack Vsweep'],
      ['last run a', ofPoll],
      ['last run b', ofPoll],
      ['alarms Vsweep', 'stack Vsweep'],
    ]);
  });

  it('ask AWS for their own part', async () => {
    const { account, asked } = accountOf();
    const { checks } = stackChecks(surroundings({ stack: 'Lab' }), 'vsweep.yaml', account);
    const told = [];
    for (const check of checks) {
      // Functions read the configuration from its file.
      if (check.name === 'function') continue;
      const before = asked.length;
      const lines = [await check.run({ signal })].flat().map(({ colour }) => colour);
      told.push([check.name, asked.slice(before).join(), lines.join()]);
    }
    expect(told).toEqual([
      ['aws', '', 'green'],
      ['stack', 'stack Lab,resources Lab', 'green'],
      ['deployment', '', 'red'],
      ['concurrency', 'accountSettings ', 'yellow'],
      ['table', '', 'yellow'],
      ['secret', 'secret vc01', 'red'],
      ['secret', 'secret vc02', 'red'],
      ['integrity secret', '', 'yellow'],
      ['schedules', '', 'red,red'],
      ['last run', 'runs a', 'red'],
      ['last run', 'runs b', 'red'],
      ['alarms', 'alarms Lab-', 'yellow'],
      ['dead letters', '', 'yellow'],
    ]);
  });

  it('name commands that deploy the configuration that was looked at, from any folder', async () => {
    const { account } = accountOf();
    const { checks } = stackChecks(surroundings({}), "it's.yaml", account);
    const stack = checks.find(({ name }) => name === 'stack');
    const config = `-c 'config=${resolve("it's.yaml").replace("'", "'\\''")}'`;
    await stack?.run({ signal });
    const schedules = await checks.find(({ name }) => name === 'schedules')?.run({ signal });
    expect([schedules ?? []].flat().map(({ command }) => command)).toEqual(
      Array(2).fill(`npx cdk deploy --revert-drift ${config}`),
    );
  });

  it('close the account when they are done', async () => {
    const close = vi.fn(async () => undefined);
    for (const aws of [undefined, {}]) {
      const { account } = accountOf({ [Symbol.asyncDispose]: close });
      await stackChecks(surroundings(aws), 'vsweep.yaml', account)[Symbol.asyncDispose]();
    }
    expect(close).toHaveBeenCalledTimes(2);
  });
});

describe('the check of the account', () => {
  const check = async (of: Partial<OpenedAccount>, aws: object = {}) => {
    const { checks } = stackChecks(surroundings(aws), 'vsweep.yaml', accountOf(of).account);
    const found = await checks[0]?.run({ signal });
    return [found ?? []].flat().map(printVerdict);
  };
  const throwing = (error: Error) => async (): Promise<never> => {
    throw error;
  };

  it('says where it looks, by what Lambda says of the function that answers polls', async () => {
    const open = vi.fn(async () => ({ region: 'r', account: '1' }));
    expect(await check({ open }, { stack: 'Lab' })).toEqual(['green: looks at account 1, region r']);
    expect(open.mock.calls).toEqual([['Lab-poll', { signal }]]);
    expect(await check({ open: async () => ({ region: 'r', account: undefined }) })).toEqual([
      'green: looks at account unknown, region r',
    ]);
  });

  it('is red in another region than that of the configuration', async () => {
    const kmsKeyArn = 'arn:aws:kms:eu-north-1:123456789012:key/1';
    expect(await check({}, { kmsKeyArn })).toEqual([
      'red: the region here is eu-central-1, but aws.kmsKeyArn is in eu-north-1, where the stack has to be | export AWS_REGION=eu-north-1',
    ]);
  });

  it('says what is needed for want of packages, of credentials, or of valid ones', async () => {
    expect(await check({ load: throwing(new Error('no package')) })).toEqual([
      'yellow: not checked: no package',
    ]);
    expect(await check({ open: throwing(new Error('Region is missing..')) })).toEqual([
      'yellow: not checked: Region is missing. Set AWS_REGION, and AWS_PROFILE or other AWS credentials',
    ]);
    const expired = new NotAskedError('a. expired', { code: 'credentials' });
    expect(await check({ open: throwing(expired) })).toEqual([
      'yellow: not checked: a. expired. Renew the AWS credentials',
    ]);
  });

  it('has no line when the command is stopped', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    const { account } = accountOf({ open: throwing(new Error('no credentials')) });
    const { checks } = stackChecks(surroundings({}), 'vsweep.yaml', account);
    await expect(checks[0]?.run({ signal: stopped })).rejects.toThrow('stopped');
  });
});

it('an account that was not opened is not looked at', async () => {
  await using account = openAccount();
  const look = vi.fn();
  expect(await account.look(look, { signal })).toEqual([]);
  expect(look).not.toHaveBeenCalled();
});
