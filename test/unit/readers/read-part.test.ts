import { describe, expect, it } from 'vitest';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { type NoAnswer, readPart, toParts } from '../../../lib/readers/read-part.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const never = new AbortController().signal;
const failing = async () => {
  throw new Error('it broke');
};

describe('readPart', () => {
  it('has the answer under its need', async () => {
    const options = {
      of: 'x',
      clock: createManualClock(),
      signal: never,
      explain: () => ['absent'] as const,
    };
    expect(await readPart('size', async () => 7, options)).toEqual(['answers', 'size', 7]);
  });

  it.each<[NoAnswer, unknown]>([
    [['absent'], ['absent', 'size']],
    [
      ['lacking', 'System.Read'],
      ['lacking', 'size', 'System.Read'],
    ],
    [
      ['denied', 'why'],
      ['denied', 'size', 'why'],
    ],
    [
      ['failed', 'why'],
      ['failed', 'size', 'why'],
    ],
  ])('is %j where an error is explained so', async (explained, found) => {
    const errors: unknown[] = [];
    const explain = (error: unknown) => {
      errors.push(error);
      return explained;
    };
    const options = { of: 'x', clock: createManualClock(), signal: never, explain };
    expect(await readPart('size', failing, options)).toEqual(found);
    expect(errors).toEqual([new Error('it broke')]);
  });

  it('takes 10 s at most, and says of what it was out of time', async () => {
    const clock = createManualClock();
    const explain = (error: unknown): NoAnswer => ['failed', String((error as Error).message)];
    const read = readPart('size', (signal) => untilAborted(new Promise(() => {}), signal), {
      of: 'the vCenter',
      clock,
      signal: never,
      explain,
    });
    clock.advance(9_999);
    expect(clock.nextInMs()).toBe(1);
    clock.advance(1);
    expect(await read).toEqual(['failed', 'size', new DeadlineError('size of the vCenter').message]);
  });

  it('ends with the signal, whose end is not explained', async () => {
    const ended = new AbortController();
    const explain = () => {
      throw new Error('asked to explain');
    };
    const reading = readPart(
      'size',
      async () => {
        ended.abort(new Error('the run is over'));
        throw new Error('cut off');
      },
      { of: 'x', clock: createManualClock(), signal: ended.signal, explain },
    );
    await expect(reading).rejects.toThrow('the run is over');
  });

  it('fails where the explanation does', async () => {
    const explain = () => {
      throw new Error('the session has ended');
    };
    const options = { of: 'x', clock: createManualClock(), signal: never, explain };
    await expect(readPart('size', failing, options)).rejects.toThrow('the session has ended');
  });
});

describe('toParts', () => {
  it('has each need under how it ended', () => {
    expect(
      toParts([
        ['answers', 'a', 1],
        ['answers', 'b', undefined],
        ['denied', 'c', 'because'],
        ['lacking', 'd', 'System.Read'],
        ['failed', 'e', 'it broke'],
        ['absent', 'f'],
      ]),
    ).toEqual({
      answers: { a: 1, b: undefined },
      denied: { c: 'because' },
      lacking: { d: 'System.Read' },
      failed: { e: 'it broke' },
      absent: new Set(['f']),
    });
    expect(toParts([])).toEqual({ answers: {}, denied: {}, lacking: {}, failed: {}, absent: new Set() });
  });
});
