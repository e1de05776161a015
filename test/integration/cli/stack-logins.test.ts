import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { type SimulatedAccount, startSimulatedAccount } from '../../support/aws-account/simulated-account.ts';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { type Dynamodb, startDynamodb } from '../../support/lambda/dynamodb.ts';
import { type SecretsManager, startSecretsManager } from '../../support/lambda/secrets-manager.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { PROOF, startTarget, testSignal } from '../vsphere/demo-target.ts';
import { doctor } from './doctor/run-doctor.ts';
import { vsweep } from './vsweep-command.ts';

const SECRET = 'vsweep/vc01';
const POLL = ['poll', '--method', 'about', '--vsphere-host', 'vc01'] as const;
const TRY = ['metrics', 'try', 'vmware_host_power_state'] as const;

/** What `vsweep` has beside a stack: its table, its poll function and its secret, and one vCenter. */
describe('commands with a section aws', () => {
  let started: AsyncDisposableStack;
  let vcenter: DemoVcenter;
  let dynamodb: Dynamodb;
  let secrets: SecretsManager;
  let account: SimulatedAccount;
  let folder: string;
  let env: Record<string, string>;
  beforeEach(async () => {
    started = new AsyncDisposableStack();
    vcenter = started.use(await startTarget());
    dynamodb = started.use(await startDynamodb());
    secrets = started.use(await startSecretsManager());
    folder = started.use(await createTemporaryFolder('stack-logins')).path;
    const Environment = { Variables: { VSWEEP_TABLE: dynamodb.tableName } };
    account = started.use(
      await startSimulatedAccount({
        functions: { 'Vsweep-poll': { configuration: { FunctionName: 'Vsweep-poll', Environment } } },
        accountLimit: {},
        alarms: [],
        ...{ stacks: {}, tables: {}, secrets: {}, schedules: {}, metrics: {}, queues: {} },
      }),
    );
    const { region, credentials } = TEST_ACCOUNT;
    env = {
      AWS_ENDPOINT_URL: account.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const config = {
      targets: [
        {
          name: 'vc01',
          url: vcenter.url,
          credentials: { secret: SECRET },
          tls: { sha256: [vcenter.sha256] },
        },
      ],
      sweeps: [{ name: 'status', every: '1m', collectors: ['overall-status', 'hosts'] }],
      push: { url: 'https://127.0.0.1:1/' },
      state: { path: 'state' },
      aws: { alarms: { emails: ['ops@example.org'] } },
    };
    await writeFile(join(folder, 'vsweep.yaml'), stringify(config), { mode: 0o600 });
  });
  afterEach(() => started[Symbol.asyncDispose]());

  const run = (...args: readonly string[]) => vsweep({ folder, env }, ...args);
  const refusals = async () =>
    (await dynamodb.state.accounts.read(PROOF.username, '127.0.0.1', { signal: testSignal() }))?.refusals;

  it('send no password for an account that the functions leave alone, and say until when', async () => {
    const version = secrets.put(SECRET, PROOF);
    for (const _ of [1, 2])
      await dynamodb.state.accounts.recordRefusal(
        PROOF.username,
        '127.0.0.1',
        { version, decays: true, answered: true },
        { signal: testSignal() },
      );
    const found = await doctor({ folder, env });
    expect(found.of('login')).toEqual([
      expect.stringMatching(/^red: Account .* was refused; no further login is tried until/),
    ]);
    expect(found.command('login')).toMatch(/^vsweep blacklist lift .* --table vsweep-state --config /);
    for (const command of [POLL, TRY])
      expect((await run(...command)).errors, command[0]).toContain('no further login is tried until');
    expect([vcenter.stats.logins, vcenter.stats.refusedLogins]).toEqual([0, 0]);
    expect(await refusals()).toBe(2);
  });

  it('count a refused login where the functions see it, and keep no state on this machine', async () => {
    secrets.put(SECRET, { ...PROOF, password: 'wrong' });
    const found = await doctor({ folder, env });
    expect(found.of('login')).toEqual([
      expect.stringMatching(/; 1 refused login counts against it; another/),
    ]);
    expect(await refusals()).toBe(1);
    expect((await run(...POLL)).exitCode).toBe(1);
    expect(await refusals()).toBe(2);
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });

  it('log in by the table, write neither host lists nor host keys into it, and leave hosts to the functions', async () => {
    secrets.put(SECRET, PROOF);
    const found = await doctor({ folder, env });
    expect(found.of('state')).toEqual([
      'green: vsweep-state can be read: logins are counted in it, as those of the functions are',
    ]);
    expect(found.of('login')).toEqual([expect.stringMatching(/^green: logged in to /)]);
    expect(found.of('hosts')).toEqual(['green: the account sees 3 hosts']);
    expect((await run(...POLL)).exitCode).toBe(0);
    expect((await run(...TRY)).exitCode).toBe(0);
    const written = new Set((await dynamodb.items()).map(({ pk }) => String(pk).split('#')[0]));
    expect([...written].sort()).toEqual(['accounts', 'proven']);
  });

  it.each([['sweep', 'status'], ['sweep', 'status', '--dry-run'], ['run']])(
    'make no run beside the stack: %s %s',
    async (...command) => {
      secrets.put(SECRET, PROOF);
      const { exitCode, errors } = await run(...command);
      expect(exitCode).toBe(2);
      expect(errors).toContain('aws: describes the stack Vsweep, which counts refused logins in its table');
      expect(errors).toContain('vsweep invoke sweep <name>');
      expect(vcenter.stats.logins).toBe(0);
    },
  );

  it.each([
    ['there is no such stack in the region', () => void delete account.parts.functions['Vsweep-poll']],
    ['IAM denies the name of the table', () => void account.denied.add('lambda:GetFunctionConfiguration')],
    [
      'IAM denies reads of the table',
      () => {
        env['AWS_ENDPOINT_URL_DYNAMODB'] = account.url;
        account.denied.add('dynamodb:GetItem');
      },
    ],
    [
      'there are no credentials',
      () => {
        Object.assign(env, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
        Object.assign(env, { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
      },
    ],
  ])('log in to nobody where %s, and the doctor does all else', async (_why, spoil) => {
    secrets.put(SECRET, PROOF);
    spoil();
    const found = await doctor({ folder, env });
    expect(found.of('state')).toEqual([
      expect.stringMatching(
        /^yellow: The state table of the stack Vsweep was not opened, so nobody is logged in to: .*Set AWS_REGION and AWS_PROFILE/,
      ),
    ]);
    const reasons = found.of('login').join();
    expect(reasons).toMatch(
      /^yellow: not checked, because (?:state of table of Vsweep|credential of \S+) did not pass$/,
    );
    expect(found.of('tls', 'vc01')).toEqual([expect.stringMatching(/^(?:green|yellow): /)]);
    expect(found.of('sink')).toHaveLength(1);
    const { errors, exitCode } = await run(...POLL);
    expect(errors).toContain('was not opened, so nobody is logged in to');
    expect(exitCode).toBe(1);
    expect(vcenter.stats.logins).toBe(0);
  });

  it('log in to nobody where IAM denies the record of an attempt', async () => {
    secrets.put(SECRET, PROOF);
    env['AWS_ENDPOINT_URL_DYNAMODB'] = account.url;
    account.denied.add('dynamodb:UpdateItem').add('dynamodb:PutItem');
    const found = await doctor({ folder, env });
    expect(found.of('login')).toEqual([
      expect.stringMatching(/^yellow: not tried, because the attempt cannot be recorded: /),
    ]);
    expect(found.of('hosts')).toEqual(['yellow: not checked, because login of vc01 did not pass']);
    expect(vcenter.stats.logins).toBe(0);
  });
});
