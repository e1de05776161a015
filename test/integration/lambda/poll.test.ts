import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PollReply } from '../../../lib/poll/reply.ts';
import {
  operatorEnv,
  POLL_FUNCTION,
  type PollFunction,
  startPollFunction,
} from '../../support/lambda/poll-function.ts';
import { urlEvent } from '../../support/lambda/url-event.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';

const ABOUT = { method: 'about', hostname: 'vc01' };
const DISCOVER = { method: 'host.discover', hostname: 'vc01', properties: ['overallStatus'] };
const GUEST = {
  method: 'vm.process.get',
  hostname: 'vc01',
  name: 'vm1',
  username: 'root',
  password: 'Leak3',
};

describe('the poll function', () => {
  let deployed: PollFunction;
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
    expect(await deployed.poll(GUEST)).toEqual({
      success: 1,
      msg: expect.stringContaining('Guest credentials are taken from a synchronous call only'),
    });
    expect(await deployed.poll(GUEST, { custom: { vsweep: 'poll' } })).toEqual({
      success: 1,
      msg: expect.stringContaining('Cannot find object'),
    });
    expect(deployed.lambda.log()).not.toContain('Leak3');
  });

  it('answers "vsweep invoke poll", which prints as "vsweep poll" does', async () => {
    await using operator = await createTemporaryFolder('operator');
    const env = operatorEnv(deployed.lambda);
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

  it('answers by its URL what it answers by invocation, guest credentials included', async () => {
    const post = async (body: unknown, form: 'text' | 'base64') => {
      const text = JSON.stringify(body);
      const isBase64Encoded = form === 'base64';
      const event = urlEvent({ body: isBase64Encoded ? btoa(text) : text, isBase64Encoded });
      return await deployed.poll<{ statusCode: number; headers: object; body: string }>(event);
    };
    const { statusCode, headers, body } = await post(DISCOVER, 'text');
    expect({ statusCode, headers }).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    });
    expect(JSON.parse(body)).toEqual(await deployed.poll(DISCOVER));
    const list = await post([ABOUT, GUEST], 'base64');
    expect(JSON.parse(list.body)).toMatchObject([
      { success: 0 },
      { success: 1, msg: expect.stringContaining('Cannot find object') },
    ]);
    expect(await deployed.poll(urlEvent({ body: 'hello' }))).toMatchObject({
      statusCode: 400,
      body: '{"success":1,"msg":"Invalid message received"}',
    });
    expect(deployed.lambda.log()).not.toContain('Leak3');
  });

  it('counts a refused login where sweeps count, and does not try a third time', async () => {
    const request = { ...ABOUT, hostname: 'vc02' };
    const replies: PollReply[] = [];
    // A refusal is the answer to whoever asks within two seconds.
    await pollUntil(
      'left alone',
      async () => {
        replies.push(await deployed.poll(request));
        return replies.at(-1)?.msg.includes('was refused; no further login is tried until') || undefined;
      },
      { timeoutMs: 60_000 },
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
    deployed.lambda.limit(POLL_FUNCTION, 8_000);
    expect(await deployed.poll(DISCOVER)).toEqual({ success: 1, msg: 'the poll: out of time' });
    deployed.vc01.misbehave(undefined);
    expect(await deployed.poll(ABOUT)).toMatchObject({ success: 0 });
  });
});
