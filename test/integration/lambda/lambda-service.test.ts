import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import {
  type DeployedFunction,
  type LambdaService,
  startLambdaService,
} from '../../support/lambda/lambda-service.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';

/** What the tests of the functions rest on: that the simulated Lambda treats them as AWS does. */
describe('startLambdaService', () => {
  let folder: TemporaryFolder;
  let lambda: LambdaService;
  let client: LambdaClient;
  beforeAll(async () => {
    folder = await createTemporaryFolder('functions');
    lambda = await startLambdaService();
    client = new LambdaClient({ endpoint: lambda.url, ...TEST_ACCOUNT, maxAttempts: 1 });
  });
  afterAll(async () => {
    client?.destroy();
    await lambda?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  async function deploy(name: string, code: string, options: Partial<DeployedFunction> = {}) {
    const taskRoot = join(folder.path, name);
    await mkdir(taskRoot);
    await writeFile(join(taskRoot, 'index.js'), code);
    lambda.deploy(name, { taskRoot, env: {}, timeoutMs: 30_000, ...options });
  }
  async function invoke(name: string, event: unknown) {
    const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
    const { Payload, FunctionError } = await client.send(command);
    return { answer: JSON.parse(Buffer.from(Payload ?? []).toString()), error: FunctionError };
  }

  it('gives a function its own variables and those of AWS, and nothing of this process', async () => {
    await deploy('env', 'exports.handler = async () => process.env', { env: { VSWEEP_TABLE: 't' } });
    const { answer } = await invoke('env', {});
    expect(answer).toMatchObject({ VSWEEP_TABLE: 't', AWS_LAMBDA_FUNCTION_NAME: 'env' });
    const foreign = Object.keys(answer).filter(
      (key) => !/^(AWS_|LAMBDA_|VSWEEP_|_HANDLER$|LANG$|TZ$)/.test(key),
    );
    expect(foreign).toEqual([]);
  });

  it.each(['zod', 'ssh2', '@aws-sdk/client-lambda'])(
    'keeps the package %s out of its reach',
    async (name) => {
      const key = name.replace(/\W/g, '');
      await deploy(`require-${key}`, `exports.handler = async () => require.resolve('${name}')`);
      const { answer, error } = await invoke(`require-${key}`, {});
      expect(error).toBe('Unhandled');
      expect(answer.errorMessage).toContain(`Cannot find module '${name}'`);
    },
  );

  it('uses a sandbox again, and starts another one only while that is busy', async () => {
    await deploy('warm', 'exports.handler = (hang) => (hang ? new Promise(() => 0) : process.pid)');
    const first = await invoke('warm', false);
    expect(await invoke('warm', false)).toEqual(first);
    const hanging = invoke('warm', true);
    const [, , busy] = await pollUntil(
      'the third invocation',
      () => (lambda.invocations('warm').length === 3 ? lambda.invocations('warm') : undefined),
      { timeoutMs: 60_000, everyMs: 5 },
    );
    expect(busy?.sandbox.pid).toBe(first.answer);
    expect((await invoke('warm', false)).answer).not.toBe(first.answer);
    busy?.sandbox.signal('SIGKILL');
    expect(await hanging).toMatchObject({ answer: { errorType: 'Runtime.ExitError' } });
  });

  it('throttles what is beyond the concurrency that a function has reserved', async () => {
    await deploy('narrow', 'exports.handler = () => new Promise(() => undefined)', { concurrency: 1 });
    const calls = [invoke('narrow', {}), invoke('narrow', {})];
    await expect(Promise.race(calls)).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    });
    expect(lambda.invocations('narrow')).toHaveLength(1);
    lambda.invocations('narrow')[0]?.sandbox.signal('SIGKILL');
    await Promise.allSettled(calls);
  });

  it('lets the functions of an account share its concurrency, and refuses what is beyond it as AWS does', async () => {
    await using account = await startLambdaService({ accountConcurrency: 2 });
    const hangs = { env: {}, timeoutMs: 30_000, taskRoot: join(folder.path, 'narrow') };
    account.deploy('parent', hangs);
    account.deploy('worker', hangs);
    const caller = new LambdaClient({ endpoint: account.url, ...TEST_ACCOUNT, maxAttempts: 1 });
    const call = (FunctionName: string) => caller.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
    const running = [call('parent'), call('worker')];
    await pollUntil('both', () => account.invocations().length === 2 || undefined, {
      timeoutMs: 60_000,
      everyMs: 5,
    });
    for (const name of ['parent', 'worker']) {
      await expect(call(name)).rejects.toMatchObject({
        name: 'TooManyRequestsException',
        Reason: 'ConcurrentInvocationLimitExceeded',
        $metadata: { httpStatusCode: 429 },
      });
    }
    account.invocations('worker')[0]?.sandbox.signal('SIGKILL');
    await running[1];
    const again = call('worker');
    await pollUntil('a place', () => account.invocations('worker').length === 2 || undefined, {
      timeoutMs: 60_000,
      everyMs: 5,
    });
    for (const { sandbox } of account.invocations()) sandbox.signal('SIGKILL');
    await Promise.allSettled([...running, again]);
    caller.destroy();
  });

  it('keeps an event that finds no place, and starts it when there is one', async () => {
    await using account = await startLambdaService({ accountConcurrency: 1 });
    account.deploy('parent', { env: {}, timeoutMs: 30_000, taskRoot: join(folder.path, 'narrow') });
    const caller = new LambdaClient({ endpoint: account.url, ...TEST_ACCOUNT, maxAttempts: 1 });
    const event = { FunctionName: 'parent', InvocationType: 'Event', Payload: '{}' } as const;
    for (const _one of [1, 2])
      expect(await caller.send(new InvokeCommand(event))).toMatchObject({ StatusCode: 202 });
    expect(account.invocations()).toHaveLength(1);
    account.invocations()[0]?.sandbox.signal('SIGKILL');
    await pollUntil('the second event', () => account.invocations().length === 2 || undefined, {
      timeoutMs: 60_000,
    });
    expect(account.throttles('parent')).toBe(1);
    account.invocations()[1]?.sandbox.signal('SIGKILL');
    caller.destroy();
  });

  it('fails every call of an inactive function until it is awake, which takes its time from the first one on', async () => {
    await deploy('sleeper', 'exports.handler = async () => 7');
    lambda.makeInactive('sleeper', 3_000);
    const pending = {
      name: 'ResourceConflictException',
      message: expect.stringContaining('currently in the following state: Pending'),
    };
    await expect(invoke('sleeper', {})).rejects.toMatchObject(pending);
    await expect(invoke('sleeper', {})).rejects.toMatchObject(pending);
    const awake = () => invoke('sleeper', {}).catch(() => undefined);
    expect(await pollUntil('waking', awake, { timeoutMs: 60_000, everyMs: 20 })).toEqual({ answer: 7 });
  });

  it('tells a function its remaining time, and ends it when that is over', async () => {
    await deploy(
      'slow',
      'exports.handler = async (wait, context) => wait ? new Promise(() => setInterval(() => 0, 1000)) : context.getRemainingTimeInMillis()',
      { timeoutMs: 2_000 },
    );
    const { answer: remaining } = await invoke('slow', false);
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(2_000);
    const { answer, error } = await invoke('slow', true);
    expect({ error, errorType: answer.errorType }).toEqual({
      error: 'Unhandled',
      errorType: 'Sandbox.Timedout',
    });
    expect(answer.errorMessage).toContain('Task timed out after 2.00 seconds');
  });

  it.each([
    ['throws', 'exports.handler = async () => { throw new RangeError("too far") }', 'RangeError'],
    ['throws at once', 'exports.handler = () => { throw new RangeError("too far") }', 'RangeError'],
    ['ends its process', 'exports.handler = () => process.exit(3)', 'Runtime.ExitError'],
    ['cannot be loaded', 'throw new TypeError("no configuration")', 'TypeError'],
  ])('answers an error for a function that %s, and goes on', async (how, code, errorType) => {
    const name = how.replace(/\W/g, '-');
    await deploy(name, code);
    for (const _again of [1, 2]) {
      const { answer, error } = await invoke(name, {});
      expect({ error, errorType: answer.errorType }).toEqual({ error: 'Unhandled', errorType });
    }
  });

  it('does not know a function that is not deployed', async () => {
    await expect(invoke('nobody', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
