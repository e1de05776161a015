import { describe, expect, it } from 'vitest';
import { type Invoke, InvokeError } from '../../../lib/platform/invoke.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { createLambdaPolls, POLL } from '../../../lib/poll/lambda-polls.ts';
import { createEagerClock } from '../../support/eager-clock.ts';

const MESSAGE = { method: 'about', hostname: 'vc01' };
const REPLY = { success: 0, msg: 'done', result: [{ name: 'vc01' }] };

/** Asks a function that answers each call as `calls` says, in turn. */
async function ask(...calls: (unknown | Error)[]) {
  const called: unknown[] = [];
  const log: string[] = [];
  const invoke: Invoke = async (name, payload) => {
    called.push([name, JSON.parse(String(payload))]);
    const answer = calls[called.length - 1];
    if (answer instanceof Error) throw answer;
    return Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer));
  };
  const polls = createLambdaPolls(invoke, {
    clock: createEagerClock(),
    log: createLineLog({ write: (line) => log.push(line), level: 'info' }),
    random: () => 0.5,
  });
  const reply = await polls.answer(MESSAGE, new AbortController());
  return { reply, called, log };
}

describe('polls that the poll function answers', () => {
  it('are a list of one request, and its reply is passed on, a failure too', async () => {
    const { reply, called } = await ask([REPLY]);
    expect(reply).toEqual(REPLY);
    expect(called).toEqual([[POLL, [MESSAGE]]]);
    const failure = { success: 1, msg: 'Unknown method', traceback: 'x' };
    expect((await ask([failure])).reply).toEqual(failure);
  });

  it.each([
    'no JSON',
    JSON.stringify(REPLY),
    '[]',
    JSON.stringify([REPLY, REPLY]),
    '[null]',
    '[{"success":0,"msg":"no result"}]',
    '[{"success":0,"result":[]}]',
    '[{"success":1,"msg":3}]',
    '[{"success":2,"msg":"x","result":[]}]',
    '[{"msg":"x","result":[]}]',
  ])('fail where the function answers %s, which is no reply', async (answer) => {
    expect((await ask(answer)).reply).toEqual({
      success: 1,
      msg: 'Task poll failed',
      traceback: expect.stringMatching(
        /is not a poll reply; check that it is the poll function of this version$/,
      ),
    });
  });

  it('are asked three times where Lambda throttles, and not again once a function may have started', async () => {
    const throttled = () => new InvokeError('too many', { code: 'throttled', retryable: true });
    expect((await ask(throttled(), throttled(), [REPLY])).reply).toEqual(REPLY);
    const given = await ask(throttled(), throttled(), throttled(), [REPLY]);
    expect(given.reply).toEqual({ success: 1, msg: 'too many' });
    expect(given.called).toHaveLength(3);
    expect(given.log.join('\n')).toContain('the call of the poll function failed; retrying');
    const lost = await ask(new InvokeError('nobody knows', { code: 'lost' }), [REPLY]);
    expect(lost.reply).toEqual({ success: 1, msg: 'nobody knows' });
    expect(lost.called).toHaveLength(1);
  });

  it('wait for a function that is not ready, and say so once', async () => {
    const asleep = () => new InvokeError('it is inactive', { code: 'not-ready' });
    const { reply, called, log } = await ask(asleep(), asleep(), asleep(), asleep(), [REPLY]);
    expect(reply).toEqual(REPLY);
    expect(called).toHaveLength(5);
    expect(log).toEqual([expect.stringMatching(/poll waits for its function.*it is inactive/)]);
  });
});
