import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  operatorEnv,
  POLL_FUNCTION,
  type PollFunction,
  startPollFunction,
} from '../../support/lambda/poll-function.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import { ask } from '../poll/ask.ts';
import { type GatewayProcess, startGatewayProcess } from '../poll/gateway-process.ts';

const DISCOVER = { method: 'host.discover', hostname: 'vc01', properties: ['overallStatus'] };
const GUEST = {
  method: 'vm.process.get',
  hostname: 'vc01',
  name: 'vm1',
  username: 'root',
  password: 'Leak3',
};
const HOSTS = [1, 2, 3].map((number) => ({ name: `esx${number}.example.org`, overallStatus: 'green' }));

let deployed: PollFunction;
/** Without a configuration, and with no credentials but those of AWS. */
let operator: TemporaryFolder;
const place = () => ({ folder: operator.path, env: operatorEnv(deployed.lambda) });
beforeAll(async () => {
  operator = await createTemporaryFolder('operator');
  deployed = await startPollFunction();
});
afterAll(async () => {
  await deployed?.[Symbol.asyncDispose]();
  await operator?.[Symbol.asyncDispose]();
});

describe('vsweep poll --lambda', () => {
  const poll = (...args: string[]) =>
    vsweep(place(), 'poll', '--lambda', POLL_FUNCTION, '-V', 'vc01', ...args);
  const discover = ['-m', 'host.discover', '-p', 'overallStatus'];

  it('prints what the function answers, in each form', async () => {
    const [table, json, csv] = await Promise.all(
      ['table', 'json', 'csv'].map((form) => poll(...discover, '-o', form)),
    );
    const lines = HOSTS.map(({ name }) => `${name}  green\n`);
    expect(table).toEqual({
      exitCode: 0,
      errors: '',
      output: `name              overallStatus\n${lines.join('')}`,
    });
    expect(JSON.parse(json?.output ?? '')).toEqual(await deployed.poll(DISCOVER));
    expect(csv?.output).toBe(
      `name,overallStatus\r\n${HOSTS.map(({ name }) => `${name},green\r\n`).join('')}`,
    );
  });

  it('calls again while Lambda throttles, and says so when it goes on', async () => {
    deployed.lambda.misbehave(POLL_FUNCTION, ['throttle', 'throttle']);
    expect(await poll(...discover)).toMatchObject({ exitCode: 0 });
    deployed.lambda.misbehave(POLL_FUNCTION, ['throttle', 'throttle', 'throttle']);
    const { exitCode, errors, output } = await poll(...discover);
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: '' });
    expect(errors).toContain('vsweep-poll was not started: TooManyRequestsException');
  });

  it('waits for a function that Lambda has made inactive, within its own time, and then says so', async () => {
    deployed.lambda.makeInactive(POLL_FUNCTION, 1_500);
    expect(await poll(...discover)).toMatchObject({ exitCode: 0, errors: '' });
    deployed.lambda.makeInactive(POLL_FUNCTION, 60_000);
    const { exitCode, errors, output } = await poll(...discover, '-t', '3000');
    deployed.lambda.makeInactive(POLL_FUNCTION, 0);
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: '' });
    expect(errors).toMatch(
      /vsweep-poll was not started: ResourceConflictException: .* state: Pending\. It was still not ready after [1-3] s. Try again/,
    );
  });

  it.each([
    ['function-error', 'vsweep-poll failed: TypeError; see its log'],
    ['garbage', 'the answer of the function is not a poll reply'],
    ['reset', 'vsweep-poll: no answer arrived: '],
  ] as const)('says what became of a call that ends with %s, and makes no other', async (fault, message) => {
    const before = deployed.lambda.invocations(POLL_FUNCTION).length;
    deployed.lambda.misbehave(POLL_FUNCTION, [fault]);
    const { exitCode, errors } = await poll(...discover);
    expect(exitCode).toBe(1);
    expect(errors).toContain(message);
    const started = deployed.lambda.invocations(POLL_FUNCTION).length - before;
    expect(started).toBe(fault === 'reset' ? 1 : 0);
  });

  it('hands guest credentials on in a synchronous call, and never shows them', async () => {
    const guest = ['-m', GUEST.method, '-n', GUEST.name, '-U', GUEST.username, '-P', GUEST.password];
    const { errors, output, exitCode } = await poll(...guest, '--verbose');
    expect(exitCode).toBe(1);
    expect(errors).toContain('Cannot find object vm1');
    expect(errors + output + deployed.lambda.log()).not.toContain('Leak3');
  });
});

describe('vsweep gateway --lambda', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGatewayProcess(place(), { args: ['--lambda', POLL_FUNCTION] });
  });
  afterAll(() => gateway?.[Symbol.asyncDispose]());
  const reply = async (message: unknown) => JSON.parse(await ask(gateway.endpoint, message));

  it('answers with what the function answers, many clients at once, and prints it as their helpers do', async () => {
    const replies = await Promise.all(Array.from({ length: 5 }, () => reply(DISCOVER)));
    for (const one of replies) expect(one).toMatchObject({ success: 0, result: HOSTS });
    const item = {
      method: 'host.get',
      hostname: 'vc01',
      name: HOSTS[1]?.name,
      properties: ['overallStatus'],
    };
    expect(await ask(gateway.endpoint, { ...item, helper: 'vpoller.helpers.czabbix' })).toBe('"green"\0');
  });

  it('refuses what is no request in the words of vPoller, a list of requests included', async () => {
    const before = deployed.lambda.invocations(POLL_FUNCTION).length;
    expect(await reply([DISCOVER])).toEqual({
      success: 1,
      msg: "Expected a JSON message, received <class 'list'>",
    });
    expect(await reply({ version: '2.0', requestContext: { http: { method: 'POST' } } })).toEqual({
      success: 1,
      msg: 'Unknown or missing task/method name',
    });
    expect(deployed.lambda.invocations(POLL_FUNCTION).length).toBe(before + 2);
    // With a NUL, because clients in C send such requests too.
    const invalid = '{"success": 1, "msg": "Invalid message received"}\0';
    expect(await ask(gateway.endpoint, 'no JSON')).toBe(invalid);
    expect(deployed.lambda.invocations(POLL_FUNCTION).length).toBe(before + 2);
  });

  it('tells the client of a function that fails, and goes on', async () => {
    deployed.lambda.misbehave(POLL_FUNCTION, ['function-error', 'throttle']);
    expect(await reply(DISCOVER)).toEqual({ success: 1, msg: 'vsweep-poll failed: TypeError; see its log' });
    expect(await reply(DISCOVER)).toMatchObject({ success: 0 });
  });

  it('hands guest credentials on in a synchronous call', async () => {
    expect(await reply(GUEST)).toEqual({ success: 1, msg: 'Cannot find object vm1' });
    expect(deployed.lambda.log()).not.toContain('Leak3');
  });

  it('ends with 0 and opens no session of its own', async () => {
    gateway.kill('SIGTERM');
    const { exitCode, errors } = await gateway.ended;
    expect(exitCode).toBe(0);
    expect(errors).not.toContain('Leak3');
  });
});
