import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createListeners } from '../../../lib/page/listeners.ts';
import { createManualClock } from '../../support/manual-clock.ts';

/** The answer to a browser that takes each text, or none. */
function answerTo(takes: boolean): ServerResponse {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const write = (_text: unknown, _encoding: unknown, taken: () => void) => (takes ? taken() : undefined);
  response.assignSocket(new Writable({ highWaterMark: takes ? 10_000 : 1, write }) as Socket);
  return response;
}

const listening = () => createListeners(() => 7, { clock: createManualClock(0), headers: {} });

describe('who listens', () => {
  it('is let go where it does not read, and told more where it does', () => {
    using listeners = listening();
    const [reads, stalls] = [answerTo(true), answerTo(false)];
    for (const response of [reads, stalls]) listeners.add(response);
    listeners.tell();
    expect(reads.destroyed).toBe(false);
    expect(stalls.destroyed).toBe(true);
  });

  it('is let go when its connection fails, which ends nothing else', () => {
    using listeners = listening();
    const [fails, other] = [answerTo(true), answerTo(true)];
    for (const response of [fails, other]) listeners.add(response);
    fails.emit('error', new Error('broken pipe'));
    expect(fails.destroyed).toBe(true);
    expect(other.destroyed).toBe(false);
  });
});
