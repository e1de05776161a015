import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeIdentity } from '../../../lib/demo/vcenter/certificate.ts';
import { createNetbox } from '../../../lib/netbox/netbox-client.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createLineLog, silentLog } from '../../../lib/platform/log.ts';
import { sha256Of } from '../../../lib/platform/tls.ts';
import { type OddAnswer, startOddNetbox } from '../../support/netbox/odd-netbox.ts';

const { signal } = new AbortController();
const TOKEN = 'nbt_abcdefghijkl.0123456789abcdefghijklmnopqrstuvwxyzABCD';
/** So many characters in a row of a token are too many. */
const PART = 8;

const pageOf = (results: readonly unknown[]) => ({ count: results.length, next: null, results });

let answer: (authorization: string) => OddAnswer;
let netbox: Awaited<ReturnType<typeof startOddNetbox>>;
beforeAll(async () => {
  netbox = await startOddNetbox(({ headers }) => answer(headers.authorization ?? ''));
});
afterAll(() => netbox[Symbol.asyncDispose]());

/** Everything that is told of one reading of the devices. */
async function tellAbout(next: (authorization: string) => OddAnswer) {
  answer = next;
  const told: string[] = [];
  const log = createLineLog({ level: 'debug', write: (line) => told.push(line) });
  const clock = {
    ...systemClock,
    sleep: (ms: number, options: { signal: AbortSignal }) => systemClock.sleep(ms > 5_000 ? ms : 0, options),
  };
  const client = createNetbox({ url: netbox.url, clock, log, random: () => 0.5 });
  const listed = await client
    .listDevices({ filter: { status: ['active'] }, token: TOKEN }, { signal })
    .catch((error: unknown) => error);
  told.push(
    listed instanceof Error ? `${listed}${listed.stack}${JSON.stringify(listed)}` : JSON.stringify(listed),
  );
  return { listed, told: told.join('\n') };
}

function expectNoPartOfToken(told: string): void {
  for (let from = 0; from + PART <= TOKEN.length; from += 1)
    expect(told).not.toContain(TOKEN.slice(from, from + PART));
}

describe('a server that repeats the token', () => {
  it.each<[string, number, (authorization: string) => OddAnswer]>([
    ['in the words behind its status', 1, (said) => ({ status: 403, reason: `No ${said}`, body: {} })],
    [
      'in what it says, and is asked three times',
      3,
      (said) => ({ status: 500, body: { detail: `No ${said}` } }),
    ],
    ['in a field', 1, (said) => ({ status: 400, body: { site: [said, said] } })],
    ['in what is no JSON', 1, (said) => ({ status: 404, body: `no ${said}` })],
    ['as the status of a device', 1, (said) => ({ body: pageOf([{ id: 1, status: { value: said } }]) })],
  ])('%s shows none of it in message and log', async (_where, attempts, next) => {
    let asked = 0;
    const { told } = await tellAbout((said) => {
      asked += 1;
      return next(said);
    });
    expect(asked).toBe(attempts);
    expect(told).toContain('…');
    expect(told.match(/NetBox failed; retrying/g) ?? []).toHaveLength(attempts - 1);
    expectNoPartOfToken(told);
  });

  it('shows none of it wherever its words are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 800, max: 1_100 }), fc.boolean(), async (before, inReason) => {
        const words = (said: string) => `${'x'.repeat(before)}${said}`;
        const { told } = await tellAbout((said) => ({
          status: 403,
          ...(inReason ? { reason: words(said), body: {} } : { body: { detail: words(said) } }),
        }));
        expectNoPartOfToken(told);
      }),
    );
  });
});

describe('devices', () => {
  const device = (id: number) => ({ id, name: `esx${id}`, status: { value: 'active' } });

  it.each([
    ['fewer', 3],
    ['more', 1],
  ])('of which there are %s than NetBox counts are no answer', async (_what, count) => {
    let asked = 0;
    const { listed } = await tellAbout(() => {
      asked += 1;
      return { body: { ...pageOf([device(1), device(2)]), count } };
    });
    expect(listed).toMatchObject({
      code: 'changed',
      message: expect.stringContaining('devices kept changing while they were read'),
    });
    expect(asked).toBe(3);
  });

  it('count also those that are not understood', async () => {
    const { listed } = await tellAbout(() => ({ body: pageOf([device(1), { id: 2, name: 5 }]) }));
    expect(listed).toMatchObject({ devices: [{ id: 1 }], faulty: { count: 1 } });
  });
});

describe('a page', () => {
  it.each([
    ['no JSON', 'hello', 'something else (no JSON)'],
    ['no object', [], 'something else (the page: '],
    ['without a count', { results: [], next: null }, 'something else (count: '],
    ['with a device that has no id', { ...pageOf([{ name: 'a' }]) }, 'something else (results.0.id: '],
  ])('that is %s is named as that', async (_what, body, message) => {
    const { listed } = await tellAbout(() => ({ body }));
    expect(listed).toMatchObject({ code: 'not-netbox', message: expect.stringContaining(message) });
  });

  it('that is whole JSON on a connection that ended too early is cut off', async () => {
    const { listed } = await tellAbout(() => ({ body: pageOf([]), isCut: true }));
    expect(listed).toMatchObject({ code: 'cut-off' });
  });

  it.each([
    [200_001, 'too-large', 1],
    [200_000, 'changed', 3],
  ])('that announces %i devices is %s', async (count, code, requests) => {
    let asked = 0;
    const { listed } = await tellAbout(() => {
      asked += 1;
      return { body: { ...pageOf([]), count } };
    });
    expect(listed).toMatchObject({ code });
    expect(asked).toBe(requests);
  });

  it('has 999 after it at most, however many are announced', async () => {
    let asked = 0;
    const { listed } = await tellAbout(() => {
      asked += 1;
      const results = [{ id: asked }, { id: asked + 1 }].slice(asked === 1 ? 1 : 0);
      return { body: { count: 150_000, next: 'more', results } };
    });
    expect(asked).toBe(1_000);
    expect(listed).toMatchObject({
      code: 'too-large',
      message: expect.stringMatching(
        /selects more than 200000 devices, or more than 1000 pages of them\. Narrow netbox\.filter, or raise MAX_PAGE_SIZE/,
      ),
    });
  });
});

describe('a request for devices', () => {
  const ACTIVE = { filter: { status: ['active'] }, token: TOKEN };
  const deps = { clock: systemClock, log: silentLog, random: () => 0.5 };

  it('goes to the path of the url, without what is doubled, and says who asks for what', async () => {
    const seen: IncomingMessage[] = [];
    await using peer = await startOddNetbox((request) => {
      seen.push(request);
      return { body: pageOf([]) };
    });
    await createNetbox({ ...deps, url: `${peer.url}/a//b//` }).listDevices(ACTIVE, { signal });
    expect(seen[0]?.url).toMatch(/^\/a\/\/b\/api\/dcim\/devices\/\?status=active&/);
    expect(seen[0]?.headers).toMatchObject({ 'user-agent': 'vsweep', accept: 'application/json' });
  });

  it.each(['http', 'https'])(
    'uses one connection of %s for all pages, and leaves none open',
    async (scheme) => {
      const made =
        scheme === 'https' ? await makeIdentity({ clock: systemClock, addresses: ['127.0.0.1'] }) : undefined;
      let asked = 0;
      await using peer = await startOddNetbox(() => {
        asked += 1;
        const results = [
          { id: 1, status: { value: 'active' } },
          { id: 2, status: { value: 'active' } },
        ];
        return {
          body: {
            count: 2,
            next: asked === 1 ? 'more' : null,
            results: asked === 1 ? results.slice(0, 1) : results,
          },
        };
      }, made);
      const tls = made === undefined ? {} : { tls: { sha256: [sha256Of(made.cert)] } };
      const { devices } = await createNetbox({ ...deps, ...tls, url: peer.url }).listDevices(ACTIVE, {
        signal,
      });
      expect([devices.length, asked, peer.opened()]).toEqual([2, 2, 1]);
      await expect.poll(() => peer.connections()).toBe(0);
    },
  );

  it('is not sent to a server with another certificate', async () => {
    const made = await makeIdentity({ clock: systemClock, addresses: ['127.0.0.1'] });
    let asked = 0;
    await using peer = await startOddNetbox(() => {
      asked += 1;
      return { body: pageOf([]) };
    }, made);
    const tls = { sha256: [Array.from({ length: 32 }, () => '00').join(':')] };
    const listing = createNetbox({ ...deps, tls, url: peer.url }).listDevices(ACTIVE, { signal });
    await expect(listing).rejects.toMatchObject({
      code: 'tls',
      message: expect.stringContaining('netbox.tls: {'),
    });
    expect(asked).toBe(0);
  });
});
