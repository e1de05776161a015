import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { createOtlpSink } from '../../../lib/sinks/otlp/otlp-sink.ts';
import { encodeResponse } from '../../support/otlp/otlp-messages.ts';
import { answer, startGateway } from './gateway.ts';

const TOKEN = 'tok-0123456789abcdef';
const running = { signal: new AbortController().signal, holdsLease: async () => true };
const SERIES = {
  group: { job: 'j', instance: 'i' },
  families: [
    {
      definition: { name: 'm', help: '', labels: [] },
      samples: [{ metric: 'm', labels: [], value: 1 }],
    },
  ],
  validUntil: 0,
};

/** What a delivery logs and throws, to a receiver that repeats the token that it was sent. */
async function told(rejected: number): Promise<{ sent: string; words: string }> {
  const body = encodeResponse({ rejected, message: `Authorization: Bearer ${TOKEN} is deprecated` });
  await using peer = await startGateway([answer(200, body, { 'content-type': 'application/x-protobuf' })]);
  const lines: string[] = [];
  const sink = createOtlpSink({
    open: async () => ({ url: peer.url, token: TOKEN }),
    retry: {
      clock: systemClock,
      log: createLineLog({ write: (line) => lines.push(line), level: 'debug' }),
      random: () => 0.5,
    },
    maxBackfillMs: 0,
  });
  const ended = await sink.deliver(SERIES, running).catch(String);
  return { sent: String(peer.seen[0]?.headers.authorization), words: [...lines, ended].join('\n') };
}

describe('a receiver of OTLP that repeats the token', () => {
  it.each([
    ['in a warning', 0, 'took all samples, and warned'],
    ['in the reason for samples that it did not take', 1, '1 of 1 samples were not taken'],
  ])('%s has it neither in the log nor in an error', async (_where, rejected, event) => {
    const { sent, words } = await told(rejected);
    expect(sent).toBe(`Bearer ${TOKEN}`);
    expect(words).toContain(event);
    expect(words).not.toContain(TOKEN);
  });
});
