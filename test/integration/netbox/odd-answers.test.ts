import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNetbox } from '../../../lib/netbox/netbox-client.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { type OddAnswer, startOddNetbox } from '../../support/netbox/odd-netbox.ts';

const { signal } = new AbortController();
const TOKEN = 'nbt_abcdefghijkl.0123456789abcdefghijklmnopqrstuvwxyzABCD';
/** So many characters in a row of a token are too many. */
const PART = 8;

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
    expect(listed).toMatchObject({ code: 'changed' });
    expect(asked).toBe(3);
  });

  it('count also those that are not understood', async () => {
    const { listed } = await tellAbout(() => ({ body: pageOf([device(1), { id: 2, name: 5 }]) }));
    expect(listed).toMatchObject({ devices: [{ id: 1 }], faulty: { count: 1 } });
  });
});

const pageOf = (results: readonly unknown[]) => ({ count: results.length, next: null, results });
