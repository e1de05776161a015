import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunction } from '../../../cdk/bundle.ts';
import { printBundledConfig } from '../../../lib/config/bundled-config.ts';
import { ENV } from '../../../lib/config/env.ts';
import { type DemoVcenter, startDemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import type { PollReply } from '../../../lib/poll/reply.ts';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { startDynamodb } from '../../support/lambda/dynamodb.ts';
import { startLambdaService } from '../../support/lambda/lambda-service.ts';
import { startSecretsManager } from '../../support/lambda/secrets-manager.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-process.ts';
import { demoHosts } from '../vsphere/demo-target.ts';

const POLL = 'vsweep-poll';
const PASSWORD = 'Leak1-vcenter';
/** How long Lambda lets the function run; the poll ends two seconds before. */
/** A login ends seven seconds before it: two for the logout, five for the record. */
const TIMEOUT_MS = 10_000;
const ABOUT = { method: 'about', hostname: 'vc01' };
const DISCOVER = { method: 'host.discover', hostname: 'vc01', properties: ['overallStatus'] };

/** The poll function, deployed for two vCenters of which `vc02` is logged in to with a wrong password. */
async function startPollFunction() {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await createTemporaryFolder('bundles'));
  const dynamodb = starting.use(await startDynamodb());
  const secrets = starting.use(await startSecretsManager());
  const lambda = starting.use(await startLambdaService());
  const users = { sweeper: PASSWORD };
  const vc01 = starting.use(await startDemoVcenter({ users, hosts: demoHosts(3) }));
  const vc02 = starting.use(await startDemoVcenter({ users, hosts: [], address: '127.0.0.2' }));
  secrets.put('vc01', { username: 'sweeper', password: PASSWORD });
  secrets.put('vc02', { username: 'sweeper', password: 'Leak2-wrong' });
  const target = (name: string, { url, sha256 }: DemoVcenter) => ({
    name,
    url,
    credentials: { secret: name },
    tls: { sha256: [sha256] },
  });
  const config = {
    targets: [target('vc01', vc01), target('vc02', vc02)],
    sweeps: [{ name: 'services', every: '1m', collectors: ['overall-status'] }],
  };
  const taskRoot = join(folder.path, 'poll');
  bundleFunction('poll', { outDir: taskRoot, config: printBundledConfig(config, new Map()) });
  const env = {
    [ENV.table]: dynamodb.tableName,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  };
  lambda.deploy(POLL, { taskRoot, timeoutMs: TIMEOUT_MS, env });
  const client = new LambdaClient({ endpoint: lambda.url, ...TEST_ACCOUNT, maxAttempts: 1 });
  starting.defer(() => client.destroy());
  const resources = starting.move();
  return {
    vc01,
    vc02,
    dynamodb,
    lambda,
    async poll<Reply = PollReply>(request: unknown, context?: object): Promise<Reply> {
      const Payload = JSON.stringify(request);
      const ClientContext = context && Buffer.from(JSON.stringify(context)).toString('base64');
      const command = {
        FunctionName: POLL,
        Payload,
        ...(ClientContext === undefined ? {} : { ClientContext }),
      };
      const answer = await client.send(new InvokeCommand(command));
      const text = Buffer.from(answer.Payload ?? []).toString();
      if (answer.FunctionError !== undefined) throw new Error(text);
      return JSON.parse(text);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

describe('the poll function', () => {
  let deployed: Awaited<ReturnType<typeof startPollFunction>>;
  beforeAll(async () => {
    deployed = await startPollFunction();
  });
  afterAll(() => deployed?.[Symbol.asyncDispose]());

  it('answers a request with a reply', async () => {
    expect(await deployed.poll(DISCOVER)).toEqual({
      success: 0,
      msg: 'Successfully discovered objects',
      result: [1, 2, 3].map((number) => ({ name: `esx${number}.example.org`, overallStatus: 'green' })),
    });
  });

  it('answers the next request in the same session, and has the object in one call', async () => {
    const get = {
      method: 'host.get',
      hostname: 'vc01',
      name: 'esx2.example.org',
      properties: ['overallStatus'],
    };
    await deployed.poll(get);
    const { calls, logins } = deployed.vc01.stats;
    const before = calls.RetrievePropertiesEx ?? 0;
    expect(await deployed.poll(get)).toMatchObject({ result: [{ overallStatus: 'green' }] });
    expect(deployed.vc01.stats.calls.RetrievePropertiesEx).toBe(before + 1);
    expect(deployed.vc01.stats.logins).toBe(logins);
    expect(deployed.vc01.sessions()).toBe(1);
  });

  it('takes the account of a guest from a synchronous call alone, and logs nothing of it', async () => {
    const request = {
      method: 'vm.process.get',
      hostname: 'vc01',
      name: 'vm1',
      username: 'root',
      password: 'Leak3',
    };
    expect(await deployed.poll(request)).toEqual({
      success: 1,
      msg: expect.stringContaining('Guest credentials are taken from a synchronous call only'),
    });
    expect(await deployed.poll(request, { custom: { vsweep: 'poll' } })).toEqual({
      success: 1,
      msg: expect.stringContaining('Cannot find object'),
    });
    expect(deployed.lambda.log()).not.toContain('Leak3');
  });

  it('answers "vsweep invoke poll", which prints as "vsweep poll" does', async () => {
    await using operator = await createTemporaryFolder('operator');
    const env = {
      AWS_ENDPOINT_URL_LAMBDA: deployed.lambda.url,
      AWS_REGION: TEST_ACCOUNT.region,
      AWS_ACCESS_KEY_ID: TEST_ACCOUNT.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: TEST_ACCOUNT.credentials.secretAccessKey,
    };
    const invoke = (...args: string[]) =>
      vsweep({ folder: operator.path, env }, 'invoke', 'poll', '--stack', 'vsweep', ...args);
    const discover = ['-m', 'host.discover', '-V', 'vc01', '-p', 'overallStatus'];
    const table = ['name              overallStatus', ...[1, 2, 3].map((n) => `esx${n}.example.org  green`)];
    expect(await invoke(...discover)).toEqual({ exitCode: 0, errors: '', output: `${table.join('\n')}\n` });
    const json = await invoke(...discover, '--json');
    expect(JSON.parse(json.output)).toEqual(await deployed.poll(DISCOVER));
    const failed = await invoke('-m', 'about', '-V', 'nobody');
    expect(failed).toMatchObject({ exitCode: 1, output: '' });
    expect(failed.errors).toContain('Unknown or missing agent name');
  });

  it('answers a list with a list, in the same session', async () => {
    const before = deployed.vc01.stats.logins;
    const replies = await deployed.poll<PollReply[]>([ABOUT, 5, DISCOVER, [ABOUT]]);
    expect(replies).toMatchObject([
      { success: 0, result: [{ fullName: 'VMware vCenter Server 8.0.3 (vsweep demo)' }] },
      { success: 1, msg: "Expected a JSON message, received <class 'int'>" },
      { success: 0, result: [{}, {}, {}] },
      { success: 1, msg: "Expected a JSON message, received <class 'list'>" },
    ]);
    expect(deployed.vc01.stats.logins).toBe(before);
  });

  it('counts a refused login where sweeps count, and does not try a third time', async () => {
    const request = { ...ABOUT, hostname: 'vc02' };
    const replies: PollReply[] = [];
    // A refusal is the answer to whoever asks within two seconds.
    await pollUntil(
      'left alone',
      async () => {
        replies.push(await deployed.poll(request));
        return replies.at(-1)?.msg.includes('was refused and is left alone until') || undefined;
      },
      { timeoutMs: 20_000 },
    );
    expect(replies.slice(0, -1).every(({ msg }) => msg.includes('refused the login of sweeper'))).toBe(true);
    expect(deployed.vc02.stats.refusedLogins).toBe(2);
    expect(await deployed.dynamodb.state.accounts.list(new AbortController())).toMatchObject([
      { user: 'sweeper', address: '127.0.0.2', refusals: 2 },
    ]);
    expect(deployed.lambda.log()).not.toContain('Leak');
  });

  it('ends before Lambda would end it, on a vCenter that hangs', async () => {
    deployed.vc01.misbehave({ kind: 'hang', operation: 'RetrievePropertiesEx' });
    expect(await deployed.poll(DISCOVER)).toEqual({ success: 1, msg: 'the poll: out of time' });
    deployed.vc01.misbehave(undefined);
    expect(await deployed.poll(ABOUT)).toMatchObject({ success: 0 });
  });
});
