import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { CredentialError } from '../../../lib/credentials/errors.ts';
import { PROBES } from '../../../lib/esxi/probes/registry.ts';
import { InvokeError, isNotStarted } from '../../../lib/platform/invoke.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createSeals, type ReadSeals } from '../../../lib/platform/seal.ts';
import { decodeBatchRequest, encodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { RequestRefusedError } from '../../../lib/sweep/errors.ts';
import { encodeScanRequest } from '../../../lib/sweep/scan/scan-contract.ts';
import { encodeRefusal, openRequest, sealedInvoke, sealRequest } from '../../../lib/sweep/sealed-request.ts';
import { answerSealed } from '../../../lib/sweep/worker/answer-sealed.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchHost, batchRequest, T0 } from './builders.ts';

const SECRET = 'a'.repeat(64);
const addressee = { stack: 'Vsweep', table: 'Vsweep-State', worker: 'Vsweep-collect-batch' };
const seals = createSeals(SECRET);
const sealed = { seal: seals.batch, addressee };
const running = { signal: new AbortController().signal };
const NOW = T0;

const credential = { id: 'secret:esxi', version: 'v1', username: 'root', scope: 'host' } as const;
const request = (changes: Partial<Parameters<typeof batchRequest>[0]> = {}) =>
  batchRequest({ endsAt: NOW + 40_000, credential, hosts: [batchHost(1), batchHost(2)], ...changes });
const bodyOf = (changes: Parameters<typeof request>[0] = {}) => encodeBatchRequest(request(changes));
const CONFIG = `
targets: [{ name: vc01, credentials: { env: VC } }]
esxi: { credentials: { env: ESXI }, hostKeys: { unknown: trust-first } }
sweeps: [{ name: services, every: 1m, collectors: [ssh-services] }]
`;
const collectors = { names: ['ssh-services'], overSsh: ['ssh-services'], overVcenter: [] };
const read = async () => seals;

/** A worker that asks nobody: what it believes comes as far as the table, where all batches are taken already. */
async function ask(envelope: Uint8Array, readSeals: ReadSeals = read, signal = running.signal) {
  const taken: unknown[] = [];
  const asked: unknown[] = [];
  const deps = {
    config: parseConfig(CONFIG, { file: 'vsweep.yaml', collectors }),
    clock: createManualClock(NOW),
    log: silentLog,
    knownHosts: NO_KNOWN_HOSTS,
    probes: PROBES,
    presentKeys: async (hosts: readonly unknown[]) => {
      asked.push(...hosts);
      return [];
    },
    trust: {
      seals: readSeals,
      addressee,
      state: {
        claims: {
          async take(batch: object) {
            taken.push(batch);
            return false;
          },
        },
        flights: { readKeys: async () => undefined },
        hostKeys: { lastChange: async () => '', readSome: async () => new Map() },
        accounts: { readUnsettled: async () => new Map() },
      },
    },
  } as unknown as Parameters<typeof answerSealed>[1];
  const answer = Buffer.from(await answerSealed(envelope, deps, { signal })).toString();
  return { answer: JSON.parse(answer) as { refused?: string; taken?: boolean }, taken, asked };
}
const refusalOf = async (envelope: Uint8Array, ...how: [readSeals?: ReadSeals, signal?: AbortSignal]) => {
  const { answer, taken, asked } = await ask(envelope, ...how);
  expect({ taken, asked }).toEqual({ taken: [], asked: [] });
  expect(answer).toEqual({ refused: expect.any(String) });
  return answer.refused;
};
/** What the worker takes, as it says to the table. */
const takenOf = async (envelope: Uint8Array) => (await ask(envelope)).taken;
const batchTo = (until: number) => [{ target: 'vc01', runId: 'run-1', batch: 0, until }];

interface Envelope {
  readonly body: string;
  readonly mac: string;
}
const parse = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as Envelope;
const print = (value: unknown) => Buffer.from(JSON.stringify(value));
const forge = (change: (envelope: Envelope) => unknown) =>
  print(change(parse(sealRequest(bodyOf(), sealed))));
const sealedFor = (changes: Partial<typeof addressee>) =>
  sealRequest(bodyOf(), { ...sealed, addressee: { ...addressee, ...changes } });
const scanFor = (endsAt: number, to = addressee) =>
  sealRequest(encodeScanRequest({ hosts: [{ address: 'esx1', port: 22, types: [] }], endsAt }), {
    ...sealed,
    addressee: to,
  });

describe('a sealed batch request', () => {
  it('is believed by whom it is for, however large it is and however its envelope is printed', async () => {
    for (const count of [1, 3_000]) {
      const hosts = Array.from({ length: count }, (_, index) => batchHost(index));
      const { body, mac } = parse(sealRequest(bodyOf({ hosts }), sealed));
      const reprinted = Buffer.from(JSON.stringify({ mac, body }, undefined, 2));
      expect(await takenOf(reprinted)).toEqual(batchTo(NOW + 40_000));
      expect(decodeBatchRequest(openRequest(reprinted, sealed))).toEqual(request({ hosts }));
    }
  });

  it.each([
    ['without a seal, as sweeps of earlier versions sent it', Buffer.from(bodyOf())],
    [
      'with the seal of another secret',
      sealRequest(bodyOf(), { seal: createSeals('b'.repeat(64)).batch, addressee }),
    ],
    ['with the seal of state', sealRequest(bodyOf(), { seal: seals.state, addressee })],
    ['for another stack', sealedFor({ stack: 'Other' })],
    ['for another table', sealedFor({ table: 'Other' })],
    ['for another worker', sealedFor({ worker: 'Other-collect-batch' })],
    ['for names that are the same in a row', sealedFor({ stack: 'VsweepV', table: 'sweep-State' })],
    ['with an empty seal', forge((one) => ({ ...one, mac: '' }))],
    ['with half a seal', forge((one) => ({ ...one, mac: one.mac.slice(0, 21) }))],
    ['whose seal is none', forge((one) => ({ ...one, mac: 42 }))],
    ['without a body', forge(({ mac }) => ({ mac }))],
    ['with a word too many', forge((one) => ({ ...one, more: 1 }))],
    ['cut off', forge((one) => ({ ...one, body: one.body.slice(0, -1) }))],
    ['whose body is JSON that was printed anew', forge((one) => ({ ...one, body: `${one.body} ` }))],
    ['whose body is no text', forge((one) => ({ ...one, body: JSON.parse(one.body) }))],
    ['with another host', forge((one) => ({ ...one, body: one.body.replace('10.0.0.1', '10.9.9.9') }))],
    ['that is no JSON', Buffer.from('{')],
    ['that is nothing', Buffer.from('null')],
    ['beyond what Lambda takes', Buffer.alloc(7_000_001, ' ')],
    ['for the keys of hosts, whose time is over', scanFor(NOW)],
    ['for the keys of hosts, for the far future', scanFor(NOW + 15 * 60_000 + 1)],
    ['for the keys of hosts, for another stack', scanFor(NOW + 9_000, { ...addressee, stack: 'Other' })],
  ])('is refused %s', async (_what, envelope) => {
    expect(await refusalOf(envelope)).toMatch(/^the worker refused the batch request: it/);
  });

  it('is not parsed, nor inflated, before its seal is known to be right', async () => {
    const bomb = print({ body: JSON.stringify({ gzip: 'H4sI' }), mac: 'x'.repeat(43) });
    expect(await refusalOf(bomb)).toContain('it was not sealed by');
  });

  it('is refused with any byte changed', () => {
    const envelope = sealRequest(bodyOf(), sealed);
    fc.assert(
      fc.property(fc.nat(envelope.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Uint8Array.from(envelope);
        changed[at] = (changed[at] ?? 0) ^ change;
        // White space and escapes may be the same envelope in another spelling.
        let opened: Uint8Array;
        try {
          opened = openRequest(changed, sealed);
        } catch (error) {
          expect(error).toBeInstanceOf(RequestRefusedError);
          return;
        }
        expect(Buffer.from(opened)).toEqual(Buffer.from(bodyOf()));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused with any byte of the request changed', () => {
    const { body, mac } = parse(sealRequest(bodyOf(), sealed));
    const bytes = Buffer.from(body);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 127 }), (at, change) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ change;
        expect(() => openRequest(print({ body: changed.toString(), mac }), sealed)).toThrow(
          RequestRefusedError,
        );
      }),
    );
  });

  it.each([
    ['is over', -1, 'its time is over'],
    ['ends just now', 0, 'its time is over'],
    ['ends in 15 minutes and more', 15 * 60_000 + 1, 'more than 15 minutes'],
  ])('is refused when its time %s', async (_what, leftMs, why) => {
    expect(await refusalOf(sealRequest(bodyOf({ endsAt: NOW + leftMs }), sealed))).toContain(why);
  });

  it.each([1, 15 * 60_000])('is believed %i ms before its end', async (leftMs) => {
    const endsAt = NOW + leftMs;
    expect(await takenOf(sealRequest(bodyOf({ endsAt }), sealed))).toEqual(batchTo(endsAt));
  });

  it('is refused before it is taken when it names a probe that the worker does not know', async () => {
    const unknown = sealRequest(bodyOf({ probes: ['services', 'uptime'] }), sealed);
    expect(await refusalOf(unknown)).toContain(
      'the worker does not know the probe "uptime"; deploy the sweep function and its workers together',
    );
  });

  it('that asks a host by ssh names the credential', async () => {
    const { credential: _none, ...rest } = request();
    const envelope = sealRequest(encodeBatchRequest(rest), sealed);
    expect(await refusalOf(envelope)).toContain('no credential');
  });

  const denied = new CredentialError('secret:integrity', 'cannot be read: access is denied', {
    code: 'unavailable',
  });
  it.each<[string, Uint8Array, ReadSeals, string]>([
    [
      'the integrity secret cannot be read',
      sealRequest(bodyOf(), sealed),
      () => Promise.reject(denied),
      'access is denied',
    ],
    [
      'something fails whose message is not ours',
      sealRequest(bodyOf(), sealed),
      () => Promise.reject(new Error('hunter2')),
      "the worker's log says why",
    ],
    [
      'it is of another version',
      sealRequest(Buffer.from(JSON.stringify({ ...request(), version: 3 })), sealed),
      read,
      'not of version 2',
    ],
    [
      'the configuration lacks its sweep',
      sealRequest(bodyOf({ sweep: 'new' }), sealed),
      read,
      'deploy the sweep function and its workers together',
    ],
  ])('is answered, and nobody is asked, when %s: an error would be a lost worker', async (...row) => {
    const [, envelope, readSeals, why] = row;
    const refused = await refusalOf(envelope, readSeals);
    expect(refused).toContain(`the worker refused the batch request: it could not be judged: `);
    expect(refused).toContain(why);
    expect(refused).not.toContain('hunter2');
  });

  it('is answered when the time of the worker is over before it is judged', async () => {
    const envelope = sealRequest(bodyOf(), sealed);
    const inVain: ReadSeals = async ({ signal }) => {
      signal.throwIfAborted();
      return seals;
    };
    expect(await refusalOf(envelope, inVain, AbortSignal.abort())).toContain('could not be judged');
  });

  it('says that its batch was taken before, when it was', async () => {
    const { answer } = await ask(sealRequest(bodyOf(), sealed));
    expect(answer).toEqual({ refused: expect.stringContaining('it was sent a second time'), taken: true });
  });

  it('is never quoted by its refusal: it may hold a ticket', async () => {
    const ticket = 'cst-VCT-52-ticket';
    const envelope = print({ body: `{"ticket":"${ticket}"}`, mac: ticket, [ticket]: 1 });
    expect(await refusalOf(envelope)).not.toContain(ticket);
    expect(await refusalOf(Buffer.from(`{"${ticket}`))).not.toContain(ticket);
  });
});

describe('invoking with sealed requests', () => {
  const invokeWith = (answer: Uint8Array, readSeals = async () => seals) => {
    const sent: Uint8Array[] = [];
    const invoke = sealedInvoke(
      async (_name, payload) => {
        sent.push(payload);
        return answer;
      },
      { seals: readSeals, addressee },
    );
    return { sent, call: () => invoke('collect-batch', bodyOf(), running) };
  };
  const errorOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('sends what the worker believes, and hands its answer on as it is', async () => {
    const answer = Buffer.from('{"version":1}');
    const { sent, call } = invokeWith(answer);
    expect(await call()).toBe(answer);
    const [envelope = Buffer.from('')] = sent;
    expect(await takenOf(envelope)).toEqual(batchTo(NOW + 40_000));
    expect(openRequest(envelope, sealed)).toEqual(Buffer.from(bodyOf()));
  });

  it('takes a refusal for a worker that did not start: nobody was logged in to', async () => {
    const { call } = invokeWith(encodeRefusal(new RequestRefusedError('its time is over')));
    const error = await errorOf(call());
    expect(error).toBeInstanceOf(InvokeError);
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('its time is over') });
  });

  it('takes a batch that was taken before for lost: who took it may be logging in', async () => {
    const taken = new RequestRefusedError('its batch was taken before', { code: 'request-taken' });
    const error = await errorOf(invokeWith(encodeRefusal(taken)).call());
    expect(error).toMatchObject({ code: 'lost', message: expect.stringContaining('taken before') });
    expect(isNotStarted(error)).toBe(false);
  });

  it('takes an answer that is longer than any refusal for a result, and does not parse it', async () => {
    const answer = Buffer.from(`${JSON.stringify({ refused: 'x' })}${' '.repeat(4_000)}`);
    expect(await invokeWith(answer).call()).toBe(answer);
  });

  it.each(['x', '€', '\u0001', '\ud800'])('knows a refusal of any length: %j', async (letter) => {
    const { call } = invokeWith(encodeRefusal(new RequestRefusedError(letter.repeat(9_000))));
    expect(isNotStarted(await errorOf(call()))).toBe(true);
  });

  it('starts nothing when the secret cannot be read, and says so', async () => {
    const { sent, call } = invokeWith(Buffer.from(''), () => Promise.reject(new Error('no such secret')));
    expect(await errorOf(call())).toMatchObject({
      code: 'refused',
      message: 'Vsweep-collect-batch was not started: no such secret',
    });
    expect(sent).toEqual([]);
  });
});
