import { describe, expect, it } from 'vitest';
import { createLineLog } from '../../../lib/platform/log.ts';
import { readEndpoint, readTokenEndpoint } from '../../../lib/sinks/http/configured-endpoint.ts';
import { isRefusal, PushError } from '../../../lib/sinks/http/errors.ts';
import { createMessageBytes, putBytes, reserve } from '../../../lib/sinks/http/message-bytes.ts';
import { signedSecrets, toldSecrets } from '../../../lib/sinks/http/told-secrets.ts';
import { whileLeased } from '../../../lib/sinks/http/while-leased.ts';
import { writeMetadata } from '../../../lib/sinks/remote-write/metadata.ts';
import { readRecord } from '../../../lib/sinks/remote-write/series-record.ts';
import { createHeldSeries } from '../../../lib/sinks/stdout/held-series.ts';

const { signal } = new AbortController();

describe('what a destination is told and no message repeats', () => {
  it.each<[Parameters<typeof toldSecrets>[0], readonly string[]]>([
    [{ url: 'https://x/' }, []],
    [{ url: 'no url' }, []],
    [{ url: 'https://x/', credentials: { username: 'me', password: 'pw' } }, ['pw', 'bWU6cHc=']],
    [{ url: 'https://x/', token: 'short' }, ['short']],
    // Of a query and of headers, as written, as meant, and each word; none of fewer than eight letters.
    [{ url: 'https://x/?tenant=1234567' }, []],
    [{ url: 'https://x/?a=1&token=12345678' }, ['12345678', '12345678', '12345678', '12345678']],
    [{ url: 'https://x/?12345678' }, ['12345678', '12345678']],
    [
      { url: 'https://x/?k=abc%20efghijkl' },
      ['abc%20efghijkl', 'abc%20efghijkl', 'abc efghijkl', 'efghijkl'],
    ],
    [
      { url: 'https://x/', headers: { authorization: 'Bearer abcdefgh', tenant: 'one' } },
      ['Bearer abcdefgh', 'abcdefgh'],
    ],
  ])('of %j is %j', (told, expected) => {
    expect(toldSecrets(told)).toEqual(expected);
  });

  it('of a signature is itself, and the token of the session', () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host, Signature=00ff';
    expect(signedSecrets({ authorization, 'x-amz-security-token': 'tok' })).toEqual(['tok', '00ff']);
    expect(signedSecrets({ authorization })).toEqual(['00ff']);
    expect(signedSecrets({})).toEqual([]);
  });
});

describe('requests of the run with the lease', () => {
  const sendTwice = async ({ beforeAttempt }: { beforeAttempt?: (() => Promise<void>) | undefined }) => {
    await beforeAttempt?.();
    await beforeAttempt?.();
    return 'sent';
  };

  it('are sent while it has it, which is asked before each attempt', async () => {
    let asked = 0;
    const holdsLease = async () => {
      asked += 1;
      return true;
    };
    expect(await whileLeased({ signal, holdsLease }, sendTwice)).toBe('sent');
    expect(asked).toBe(2);
  });

  it('end when another run took it', async () => {
    let left = 1;
    const signals: AbortSignal[] = [];
    const holdsLease = async () => left-- > 0;
    const ended = whileLeased({ signal, holdsLease }, (sending) => {
      signals.push(sending.signal);
      return sendTwice(sending);
    });
    expect(await ended).toBe('lease-lost');
    expect(signals[0]?.aborted).toBe(true);
    expect(signal.aborted).toBe(false);
  });

  it('hand on what went wrong, and the reason of the caller who gave up', async () => {
    const holdsLease = async () => true;
    const broken = () => Promise.reject(new Error('no route'));
    await expect(whileLeased({ signal, holdsLease }, broken)).rejects.toThrow('no route');
    const over = AbortSignal.abort(new Error('the run is over'));
    await expect(whileLeased({ signal: over, holdsLease: async () => false }, sendTwice)).rejects.toThrow(
      'the run is over',
    );
    await expect(whileLeased({ signal: over, holdsLease }, broken)).rejects.toThrow('the run is over');
  });
});

describe('where a section of the configuration sends to', () => {
  const credentialsOf = (proof: object) =>
    ({
      read: async () => ({ username: 'me', proof, version: '1' }),
      readToken: async () => 'tok',
    }) as never;
  const password = credentialsOf({ kind: 'password', password: 'pw' });
  const section = { url: 'https://x/' };
  const named = { ...section, credentials: { env: 'X' } };
  const loaded = {} as never;

  it.each<[object, never, object]>([
    [section, password, { url: 'https://x/' }],
    [named, password, { url: 'https://x/', credentials: { username: 'me', password: 'pw' } }],
    [
      named,
      credentialsOf({ kind: 'private-key', privateKey: 'pem' }),
      { url: 'https://x/', identity: { pem: 'pem' } },
    ],
    [
      named,
      credentialsOf({ kind: 'private-key', privateKey: 'pem', passphrase: 'pp' }),
      { url: 'https://x/', identity: { pem: 'pem', passphrase: 'pp' } },
    ],
  ])('is of %j %s', async (one, credentials, expected) => {
    expect(await readEndpoint(one as never, { loaded, credentials }, { signal })).toStrictEqual(expected);
    expect(await readTokenEndpoint(one as never, { loaded, credentials }, { signal })).toStrictEqual(
      expected,
    );
    const token = { ...one, token: { env: 'T' } } as never;
    expect(await readTokenEndpoint(token, { loaded, credentials }, { signal })).toStrictEqual({
      ...expected,
      token: 'tok',
    });
  });
});

describe('a refusal of a destination', () => {
  const error = (code: PushError['code'], status?: number) =>
    new PushError('x', { code, ...(status === undefined ? {} : { status }) });

  it.each([400, 409, 413, 422])('is an answer of %i', (status) => {
    expect(isRefusal(error('status', status))).toBe(true);
  });

  it('is what it rejected, and nothing else', () => {
    expect(isRefusal(error('rejected'))).toBe(true);
    for (const status of [401, 403, 404, 429, 500, undefined])
      expect(isRefusal(error('busy', status))).toBe(false);
    expect(isRefusal(new Error('x'))).toBe(false);
    expect(error('busy')).toMatchObject({ status: undefined, mayBeThere: false, retryable: false });
    expect(new PushError('x', { code: 'busy', mayBeThere: true }).mayBeThere).toBe(true);
  });
});

describe('the memory of a message', () => {
  it('is used as far as it goes, and then twice as large, or as large as is needed', () => {
    const into = createMessageBytes(10);
    const first = into.bytes;
    first.fill(7);
    into.length = 4;
    reserve(into, 6);
    expect(into.bytes).toBe(first);
    reserve(into, 7);
    expect([into.bytes.length, [...into.bytes.subarray(0, 4)]]).toEqual([20, [7, 7, 7, 7]]);
    reserve(into, 100);
    expect([into.bytes.length, [...into.bytes.subarray(0, 4)]]).toEqual([104, [7, 7, 7, 7]]);
  });

  it('takes bytes of another one behind its own', () => {
    for (const length of [1, 64, 65, 200]) {
      const into = createMessageBytes(1 + length);
      into.bytes[0] = 9;
      into.length = 1;
      putBytes(into, { bytes: Buffer.alloc(300, 5), length });
      expect([into.length, into.bytes[0], into.bytes.subarray(1).every((byte) => byte === 5)]).toEqual([
        1 + length,
        9,
        true,
      ]);
    }
  });
});

describe('what metrics mean', () => {
  const family = (name: string) => ({ definition: { name, help: 'h', labels: [] }, samples: [] }) as never;

  it('is written for all, in requests that end after the one that fills them', () => {
    const of = (maxBytes: number, ...names: string[]) =>
      // The next one is written where this one stands.
      Array.from(writeMetadata(names.map(family), maxBytes), ({ message, ...more }) => {
        expect(more).toEqual({ series: 0, samples: 0, hasSeveral: false, first: '' });
        return (
          Buffer.from(message)
            .toString('latin1')
            .match(/metric_\w/g) ?? []
        );
      });
    expect(of(1_000)).toEqual([]);
    expect(of(1_000, 'metric_a', 'metric_b')).toEqual([['metric_a', 'metric_b']]);
    const one = [...writeMetadata([family('metric_a')], 1_000)][0]?.message.length ?? 0;
    expect(of(one, 'metric_a', 'metric_b', 'metric_c')).toEqual([['metric_a', 'metric_b'], ['metric_c']]);
    expect(of(one - 1, 'metric_a', 'metric_b')).toEqual([['metric_a'], ['metric_b']]);
  });
});

describe('the list of series that a run before left', () => {
  const lines: string[] = [];
  const log = createLineLog({ write: (line) => lines.push(line), level: 'debug' });
  const group = { job: 'j', instance: 'i' };
  const recordsOf = (read: () => Promise<unknown>) => ({ read, write: async () => undefined }) as never;

  it('is what is recorded, or nothing before the first run', async () => {
    const list = { tables: [], metrics: ['x'] };
    expect(await readRecord(group, { records: recordsOf(async () => list), log }, { signal })).toBe(list);
    expect(await readRecord(group, { records: recordsOf(async () => undefined), log }, { signal })).toEqual({
      tables: [],
      metrics: [],
    });
    expect(lines).toEqual([]);
  });

  it('is not known where it cannot be read, which is said once', async () => {
    const away = recordsOf(() => Promise.reject(new Error('away')));
    expect(await readRecord(group, { records: away, log }, { signal })).toBeUndefined();
    expect(lines).toEqual([
      'warn  remote write: the list of series could not be read; those that ended are not marked job="j" instance="i" error="away"',
    ]);
    const over = AbortSignal.abort(new Error('over'));
    await expect(readRecord(group, { records: away, log }, { signal: over })).rejects.toThrow('over');
    expect(lines).toHaveLength(1);
  });
});

describe('the series of a dry run', () => {
  it('are those of each group that came last', async () => {
    const held = createHeldSeries();
    expect([held.name, createHeldSeries('json').name]).toEqual(['stdout', 'json']);
    const family = (value: number, instance: string) => ({
      definition: { name: 'm', help: 'h', labels: ['instance'] },
      samples: [{ metric: 'm', labels: [instance], value }],
    });
    const deliver = (instance: string, value: number) =>
      held.deliver(
        { group: { job: 'j', instance }, families: [family(value, instance)], validUntil: 0 },
        { signal, holdsLease: async () => false },
      );
    expect(held.families()).toEqual([]);
    expect(await deliver('a', 1)).toBe('delivered');
    await deliver('b', 2);
    await deliver('a', 3);
    expect(
      held.families().flatMap(({ samples }) => [...samples].map(({ labels, value }) => [...labels, value])),
    ).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
    expect(await held.forget({ job: 'j', instance: 'a' }, { signal })).toBe(false);
  });
});
