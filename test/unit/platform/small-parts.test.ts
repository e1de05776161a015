import { describe, expect, it } from 'vitest';
import { eachAtOnce } from '../../../lib/platform/at-once.ts';
import { chunksOf } from '../../../lib/platform/chunks-of.ts';
import { codeOfStatus } from '../../../lib/platform/invoke-faults.ts';
import { callFunction, createLambdaInvoke } from '../../../lib/platform/lambda-invoke.ts';
import { nearestName, nearestNames } from '../../../lib/platform/nearest-name.ts';
import { makeOnce } from '../../../lib/platform/once.ts';
import { escapeUnseen, toPrintable } from '../../../lib/platform/printable.ts';
import { toShellWord } from '../../../lib/platform/quote.ts';

const { signal } = new AbortController();

describe('chunksOf', () => {
  it.each([
    [[], 2, []],
    [[1], 2, [[1]]],
    [[1, 2], 2, [[1, 2]]],
    [[1, 2, 3], 2, [[1, 2], [3]]],
    [
      [1, 2, 3, 4],
      2,
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])('makes of %j pieces of %i: %j', (all, size, expected) => {
    expect(chunksOf<number>(all, size)).toEqual(expected);
  });
});

describe('eachAtOnce', () => {
  it('does the work of all, and never of more at once than may be', async () => {
    const done: number[] = [];
    let atWork = 0;
    let most = 0;
    await eachAtOnce(2, [1, 2, 3, 4, 5], async (one) => {
      atWork += 1;
      most = Math.max(most, atWork);
      await Promise.resolve();
      atWork -= 1;
      done.push(one);
    });
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it('begins none after one failed', async () => {
    const begun: number[] = [];
    const failing = eachAtOnce(1, [1, 2, 3], async (one) => {
      begun.push(one);
      throw new Error(`of ${one}`);
    });
    await expect(failing).rejects.toThrow('of 1');
    await new Promise((resolve) => setImmediate(resolve));
    // The next one is begun in the turn in which the first one fails.
    expect(begun).not.toContain(3);
  });
});

describe('makeOnce', () => {
  it('makes one value for all, until it is forgotten', async () => {
    const once = makeOnce<number>();
    let made = 0;
    const make = async () => (made += 1);
    expect(await Promise.all([once.get(make), once.get(make)])).toEqual([1, 1]);
    expect(await once.get(make)).toBe(1);
    once.forget();
    expect(await once.get(make)).toBe(2);
  });

  it('makes it anew after it could not be had', async () => {
    const once = makeOnce<string>();
    await expect(once.get(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await once.get(async () => 'here')).toBe('here');
  });
});

describe('names that are near', () => {
  it('are five at most: those with the text in them first, then by edits, then the shorter ones', () => {
    const names = [
      'cpu_usages',
      'xcpu_usage',
      'cpu_usage',
      'cpu_usagf',
      'cpu_usabc',
      'my_cpu_usage_max',
      'zzz',
    ];
    expect(nearestNames('cpu_usage', names)).toEqual([
      'cpu_usage',
      'cpu_usages',
      'xcpu_usage',
      'my_cpu_usage_max',
      'cpu_usagf',
    ]);
  });

  it('are as far as a third of the letters, and no farther', () => {
    expect(nearestNames('abcdef', ['abcdxy', 'abcxyz'])).toEqual(['abcdxy']);
    expect(nearestName('abcdef', ['abcdxy'])).toBe('abcdxy');
    expect(nearestName('abcdef', ['abcxyz'])).toBeUndefined();
    expect(nearestName('abcdef', ['abcdefgh'])).toBe('abcdefgh');
    expect(nearestName('abcdef', ['abcdefghi'])).toBeUndefined();
    expect(nearestName('a', ['b'])).toBe('b');
  });

  it('are none of a name of more than 200 letters', () => {
    const long = 'x'.repeat(200);
    expect(nearestNames(long, [long])).toEqual([long]);
    expect(nearestNames(`${long}x`, [`${long}x`])).toEqual([]);
  });
});

describe('a text for a person', () => {
  it('has a space for each character that is not seen, in one line', () => {
    expect(toPrintable('a\tb\nc\u0000d\u009be\u2028f\u2029g\u202eh\u2066i\ud800j k')).toBe(
      'a b c d e f g h i j k',
    );
  });

  it('shows them in several lines, by their code', () => {
    expect(escapeUnseen('a\tb\n\u0001\u009b\u2028\u202e')).toBe('a\tb\n\\u0001\\u009b\\u2028\\u202e');
  });
});

describe('a word for a shell', () => {
  it.each(['a', 'a@b.c', '/x/y-z_1', 'k=v', '1,2', '50%', 'a:b', '+1'])('is %s as it is', (word) => {
    expect(toShellWord(word)).toBe(word);
  });

  it.each([
    ['', "''"],
    ['a b', "'a b'"],
    ['*', "'*'"],
    ['a;b', "'a;b'"],
    ['DOMAIN\\user', "'DOMAIN\\user'"],
    ["it's", "'it'\\''s'"],
    ['a\n', "'a\n'"],
    ['#500', "'#500'"],
  ])('is quoted where it is more than a name: %j', (word, quoted) => {
    expect(toShellWord(word)).toBe(quoted);
  });
});

describe('an invocation of a function', () => {
  it.each([
    [400, 'refused'],
    [428, 'refused'],
    [429, 'throttled'],
    [430, 'refused'],
    [499, 'refused'],
    [500, 'lost'],
    [599, 'lost'],
    [0, 'refused'],
  ])('that ended with status %i and a name that nobody knows is %s', (status, code) => {
    expect(codeOfStatus(status)).toBe(code);
  });

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
