import { describe, expect, it } from 'vitest';
import { callFunction, createLambdaInvoke } from '../../../lib/platform/lambda-invoke.ts';

const { signal } = new AbortController();

describe('an invocation of a function', () => {
  /** A client whose answer this is. */
  const answering = (reply: object) => {
    const sent: unknown[] = [];
    const client = {
      send: async (command: { input: unknown }) => {
        sent.push(command.input);
        return reply;
      },
    } as never;
    return { client, sent };
  };

  it('says what it is given, and has nothing where nothing was answered', async () => {
    const { client, sent } = answering({});
    const payload = Buffer.from('{}');
    const answer = await callFunction(
      client,
      { name: 'f', payload, clientContext: { by: 'me' } },
      { signal },
    );
    expect(answer).toEqual({ payload: new Uint8Array(), threw: false });
    await callFunction(client, { name: 'f', payload }, { signal });
    const asked = { FunctionName: 'f', InvocationType: 'RequestResponse', Payload: payload };
    expect(sent).toEqual([{ ...asked, ClientContext: 'eyJieSI6Im1lIn0=' }, asked]);
  });

  it.each([
    ['{"errorType":"Runtime.ExitError","errorMessage":"hunter2"}', 'Runtime.ExitError'],
    [`{"errorType":"${'x'.repeat(101)}"}`, 'x'.repeat(100)],
    ['{"errorType":3}', 'an unknown error'],
    ['{}', 'an unknown error'],
    ['hunter2', 'an unknown error'],
  ])('that threw %s has the type alone in its error', async (text, type) => {
    const { client } = answering({ Payload: Buffer.from(text), FunctionError: 'Unhandled' });
    const invoked = createLambdaInvoke({ client, functions: { worker: 'w' } })('worker', Buffer.from(''), {
      signal,
    });
    await expect(invoked).rejects.toMatchObject({
      code: 'function-error',
      retryable: false,
      message: `w failed: ${type}; see its log`,
    });
  });

  it('of a name that is not deployed is refused', async () => {
    const { client, sent } = answering({});
    const invoked = createLambdaInvoke({ client, functions: {} })('worker', Buffer.from(''), { signal });
    await expect(invoked).rejects.toMatchObject({
      code: 'refused',
      message: 'there is no function "worker"',
    });
    expect(sent).toEqual([]);
  });

  it('that the caller gave up ends with the reason of the caller', async () => {
    const client = { send: () => Promise.reject(new Error('aborted')) } as never;
    const over = AbortSignal.abort(new Error('the run is over'));
    await expect(
      callFunction(client, { name: 'f', payload: Buffer.from('') }, { signal: over }),
    ).rejects.toThrow('the run is over');
  });
});
