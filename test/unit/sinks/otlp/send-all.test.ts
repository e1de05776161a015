import { describe, expect, it } from 'vitest';
import { createLineLog } from '../../../../lib/platform/log.ts';
import { PushError, type PushErrorCode } from '../../../../lib/sinks/http/errors.ts';
import type { PartialSuccess } from '../../../../lib/sinks/otlp/export-response.ts';
import { sendAll } from '../../../../lib/sinks/otlp/send-all.ts';

type Answer = PartialSuccess | Error;
const ok = { rejected: 0, message: '' };
const partial = (rejected: number, message = '') => ({ rejected, message });
const fault = (code: PushErrorCode, status?: number) =>
  new PushError(`POST x: ${code}.`, { code, ...(status === undefined ? {} : { status }) });

/** Requests of ten points each, that are answered so. */
async function sent(...answers: readonly Answer[]) {
  const lines: string[] = [];
  let requests = 0;
  const ended = await sendAll(
    answers.map((_, index) => ({ message: Buffer.from([index]), points: 10 })),
    async ({ message }) => {
      requests += 1;
      const answer = answers[message[0] ?? 0];
      if (answer instanceof Error) throw answer;
      return answer ?? ok;
    },
    {
      link: { base: 'http://o', withoutSecrets: (text) => text.replace('hunter2', '') },
      retry: { log: createLineLog({ write: (line) => lines.push(line), level: 'info' }) },
    },
  ).catch((error: unknown) => ({ thrown: error }));
  return { ended, lines, requests };
}

const lost = (counts: string) => `POST http://o/v1/metrics: ${counts} samples were not taken.`;

describe('the requests of a delivery by OTLP', () => {
  it.each<[string, readonly Answer[]]>([
    ['no request', []],
    ['every request taken', [ok, ok]],
  ])('have nothing to tell of %s', async (_what, answers) => {
    expect(await sent(...answers)).toEqual({ ended: undefined, lines: [], requests: answers.length });
  });

  it.each<[string, readonly Answer[], Record<string, unknown>]>([
    [
      'samples that were not taken, by what was said first',
      [ok, partial(3, 'too old'), partial(2, 'later')],
      {
        refused: 5,
        isRequest: false,
        message: `${lost('5 of 30')} The others were taken. It said first: too old`,
      },
    ],
    [
      'more than were sent, of which no more count',
      [partial(11), partial(4)],
      {
        refused: 14,
        isRequest: false,
        message: `${lost('14 of 20')} The others were taken. It did not say why; see its log.`,
      },
    ],
    [
      'requests that were refused, which cost the others nothing',
      [fault('too-large'), ok, fault('inconsistent'), partial(1)],
      {
        refused: 21,
        isRequest: true,
        message: 'POST x: too-large. In all, 21 of 40 samples were not taken. The others were taken.',
      },
    ],
    [
      'a refused request behind samples that were not taken',
      [partial(1, 'old'), fault('inconsistent')],
      {
        refused: 11,
        isRequest: false,
        message: `${lost('11 of 20')} The others were taken. It said first: old`,
      },
    ],
  ])('tell of %s', async (_what, answers, { message, ...expected }) => {
    const { ended, requests, lines } = await sent(...answers);
    expect(ended).toMatchObject({ ...expected, why: { code: 'rejected', message } });
    expect([requests, lines]).toEqual([answers.length, []]);
  });

  it('log a warning without a loss, and none that repeats a secret only', async () => {
    const { ended, lines } = await sent(partial(0, 'field x is\ndeprecated hunter2'), ok);
    expect([ended, lines]).toEqual([
      undefined,
      ['warn  the OTLP receiver took all samples, and warned warning="field x is deprecated"'],
    ]);
  });

  it('end at any other fault, and tell what was taken before it', async () => {
    const denied = fault('credentials', 401);
    const { ended, requests } = await sent(ok, partial(3), fault('inconsistent'), denied, ok);
    expect(requests).toBe(4);
    const { thrown } = ended as { thrown: PushError };
    expect(thrown).toMatchObject({
      code: 'credentials',
      status: 401,
      message: 'POST x: credentials. 17 samples were taken before that.',
    });
    expect(thrown.cause).toBe(denied);
    const timeout = await sent(ok, fault('timeout'));
    expect(timeout.ended).toMatchObject({
      thrown: { status: undefined, message: 'POST x: timeout. 10 samples were taken before that.' },
    });
  });

  it('end at a fault as it is where nothing was taken before, or where it is none of a peer', async () => {
    const denied = fault('credentials', 401);
    expect((await sent(denied)).ended).toEqual({ thrown: denied });
    expect((await sent(partial(10), denied)).ended).toEqual({ thrown: denied });
    const over = new Error('the run is over');
    expect(((await sent(ok, over)).ended as { thrown: unknown }).thrown).toBe(over);
  });
});
