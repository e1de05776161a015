import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardedLogin } from '../../../lib/logins/trial/guarded-login.ts';
import {
  type Ending,
  failsWith,
  startFarSide,
  startProcess,
  startStore,
  type Weather,
} from './account-world.ts';

const MINUTE = 60_000;
const { signal } = new AbortController();

interface Step {
  readonly minutes: number;
  /** Logins that are wanted at the same moment. */
  readonly logins: readonly { readonly ending: Ending; readonly process: number; readonly version: string }[];
  readonly weather: readonly Weather[];
}

const step = (processes: number): fc.Arbitrary<Step> =>
  fc.record({
    minutes: fc.integer({ min: 0, max: 60 }),
    logins: fc.array(
      fc.record({
        ending: fc.constantFrom<Ending[]>('accepted', 'refused', 'refused', 'refused', 'not-sent', 'killed'),
        process: fc.nat(processes - 1),
        version: fc.constantFrom('v1', 'v1', 'v2'),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    weather: fc.array(fc.constantFrom<Weather>('good', 'good', 'good', 'fails', 'lost'), { maxLength: 8 }),
  });

/** A killed process never comes back; another one takes its place. */
async function play(steps: readonly Step[], turn: () => Promise<unknown> = () => Promise.resolve()) {
  const store = startStore({}, turn);
  const farSide = startFarSide(turn);
  const processes = new Map<number, ReturnType<typeof startProcess>>();
  for (const { minutes, logins, weather } of steps) {
    store.now += minutes * MINUTE;
    store.weather = [...weather];
    const running = logins.map(async ({ ending, process, version }, index) => {
      const { deps } = processes.get(process) ?? startProcess(store);
      processes.set(process, { deps });
      // The same account in other letters: it has one counter.
      const account = { user: index % 2 === 0 ? 'sweeper' : 'Sweeper', address: 'vc01', version };
      await guardedLogin(account, { login: farSide.login(ending, 'host'), ...failsWith }, deps, { signal });
    });
    const end = Promise.withResolvers<void>();
    // A killed login never ends; whoever waits behind it in its process is dead too.
    const settled = Promise.allSettled(running).then(() => end.resolve());
    if (logins.some(({ ending }) => ending === 'killed')) {
      for (let turns = 0; turns < 200; turns += 1) await turn();
      processes.clear();
    } else await settled;
  }
  return { ...farSide.seen, history: store.history() };
}

describe('logins that ask first', () => {
  it('are refused twice at most between two successes, whatever becomes of the writes and the process', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step(1), { minLength: 1, maxLength: 12 }), async (steps) => {
        expect((await play(steps)).highest).toBeLessThanOrEqual(2);
      }),
      { numRuns: 500 },
    );
  });

  it('are refused twice at most over several processes, in any order of what they read and write', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step(3), { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.nat(5)),
        async (steps, pauses) => {
          const turn = async () => {
            const { value } = pauses.next();
            for (let left = value ?? 0; left >= 0; left -= 1) await Promise.resolve();
          };
          expect((await play(steps, turn)).highest).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('go one after the other on one account', async () => {
    const logins = Array.from({ length: 5 }, () => ({
      ending: 'accepted' as const,
      process: 0,
      version: 'v1',
    }));
    const { mostUnderWay, passwords } = await play([{ minutes: 0, logins, weather: [] }]);
    expect({ mostUnderWay, passwords }).toEqual({ mostUnderWay: 1, passwords: 5 });
  });

  it('are not kept back for ever by an account that is right', async () => {
    const one = (ending: Ending, weather: Weather[] = []): Step => ({
      minutes: 21,
      logins: [{ ending, process: 0, version: 'v1' }],
      weather,
    });
    const [right, wrong] = [one('accepted'), one('refused', ['good', 'good', 'fails'])];
    const end = await play([wrong, right, right, wrong, wrong]);
    expect(end).toMatchObject({ counter: 2, highest: 2 });
  });

  it('clear what an attempt without an end left, once the next login after it succeeded', async () => {
    const one = (ending: Ending): Step => ({
      minutes: 1,
      logins: [{ ending, process: 0, version: 'v1' }],
      weather: [],
    });
    const { history } = await play([one('killed'), one('accepted'), one('accepted')]);
    expect(history).toMatchObject({ refusals: 0, refusedVersions: [], provenVersion: 'v1' });
  });
});
