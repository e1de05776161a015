import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Clock } from '../../../lib/platform/clock.ts';
import type { ReadSeals } from '../../../lib/platform/seal.ts';
import type { Table } from '../../../lib/state/port.ts';
import { createState, type State } from '../../../lib/state/state.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import type { HostKeyRecord } from '../../../lib/state/stores/host-keys.ts';
import { toFaultyTable } from '../../support/faulty-table.ts';

export interface OpenedTable extends AsyncDisposable {
  readonly table: Table;
}

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const { signal } = new AbortController();
const o = { signal };

/** What the state must do on any table: run it over each implementation. `open` gives an empty table. */
export function stateContract(
  name: string,
  open: () => Promise<OpenedTable>,
  sealed: { readonly seals?: ReadSeals } = {},
): void {
  let opened: OpenedTable;
  let state: State;
  let now: number;
  let unique = 0;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.reject(new Error('nothing waits here')),
  };
  const fresh = (what: string) => `${what}-${++unique}`;

  describe(name, () => {
    beforeAll(async () => {
      opened = await open();
      state = createState({ table: opened.table, ...sealed, clock });
    });
    afterAll(() => opened[Symbol.asyncDispose]());
    beforeEach(() => {
      now = T0;
    });

    describe('tallies of events', () => {
      const tallyOf = (apd: number) => ({
        at: T0 + 1,
        from: T0,
        totals: { apd, link: 0 },
        seen: [[7, T0]] as const,
      });
      const kept = (
        apd: number,
        runId: string,
        over?: Awaited<ReturnType<typeof state.eventTallies.read>>,
      ) => ({
        tally: tallyOf(apd),
        over,
        runId,
      });

      it('are not there before the first run', async () => {
        expect(await state.eventTallies.read('watch', fresh('vc'), o)).toBeUndefined();
      });

      it('come back as they were kept, each sweep and target its own', async () => {
        const target = fresh('vc');
        expect(await state.eventTallies.write('watch', target, kept(3, 'run-1'), o)).toEqual(tallyOf(3));
        expect(await state.eventTallies.read('watch', target, o)).toEqual({ tally: tallyOf(3), revision: 1 });
        expect(await state.eventTallies.read('other', target, o)).toBeUndefined();
      });

      it('are kept over the one that was read only, and who comes later gets what stands', async () => {
        const target = fresh('vc');
        await state.eventTallies.write('watch', target, kept(1, 'run-1'), o);
        const over = await state.eventTallies.read('watch', target, o);
        expect(await state.eventTallies.write('watch', target, kept(2, 'run-2', over), o)).toEqual(
          tallyOf(2),
        );
        expect(await state.eventTallies.write('watch', target, kept(5, 'run-3', over), o)).toEqual(
          tallyOf(2),
        );
        expect(await state.eventTallies.write('watch', target, kept(9, 'run-4'), o)).toEqual(tallyOf(2));
        expect(await state.eventTallies.read('watch', target, o)).toEqual({ tally: tallyOf(2), revision: 2 });
      });

      it('are the own ones where a write is repeated whose answer was lost', async () => {
        const target = fresh('vc');
        await state.eventTallies.write('watch', target, kept(1, 'run-1'), o);
        expect(await state.eventTallies.write('watch', target, kept(1, 'run-1'), o)).toEqual(tallyOf(1));
        expect(await state.eventTallies.read('watch', target, o)).toMatchObject({ revision: 1 });
      });

      it('are one of two that are kept at once', async () => {
        const target = fresh('vc');
        const [one, other] = await Promise.all(
          [1, 2].map((apd) => state.eventTallies.write('watch', target, kept(apd, `run-${apd}`), o)),
        );
        expect(one).toEqual(other);
      });

      it('are malformed where somebody else wrote them', async () => {
        const target = fresh('vc');
        const item = {
          pk: `run#watch#${target}`,
          sk: 'events',
          revision: 1,
          runId: 'x',
          packed: new Uint8Array([1]),
        };
        await opened.table.replace(item, o);
        await expect(state.eventTallies.read('watch', target, o)).rejects.toMatchObject({
          code: 'malformed',
        });
      });
    });

    describe('progress of samples with times', () => {
      const ofSink = (sink = 'victoriametrics') => ({ sweep: 'performance', target: fresh('vc'), sink });
      const planOf = (moref = 'host-1', to = T0) => ({
        batches: [[{ moref, from: T0 - 40_000, to }], [{ moref, from: to, to: to + 20_000 }]],
        again: 1,
        kept: [
          { moref: 'host-2', from: T0, to: T0 },
          { moref: 'host-3', from: T0 - 60_000, to: T0 },
        ],
        newest: T0 + 20_000,
        series: 38.5,
      });

      it('is not there before the first run', async () => {
        expect(await state.fills.read(ofSink(), o)).toBeUndefined();
      });

      it('comes back as it was planned, with how much of it was done, each sink its own', async () => {
        const of = ofSink();
        const other = { ...of, sink: 'remotewrite' };
        const next = { plan: planOf(), over: undefined, runId: 'run-1' };
        expect(await state.fills.plan(of, next, o)).toBe(true);
        expect(await state.fills.plan(other, { ...next, plan: planOf('host-9') }, o)).toBe(true);
        expect(await state.fills.read(of, o)).toMatchObject({ plan: planOf(), revision: 1, done: 0 });
        expect(await state.fills.advance(of, { done: 1, runId: 'run-1' }, o)).toBe(true);
        expect(await state.fills.read(of, o)).toMatchObject({ done: 1 });
        expect(await state.fills.read(other, o)).toMatchObject({
          plan: planOf('host-9'),
          revision: 1,
          done: 0,
        });
      });

      it('is planned over the one that was read only, and done by the run of the plan only', async () => {
        const of = ofSink();
        await state.fills.plan(of, { plan: planOf(), over: undefined, runId: 'run-1' }, o);
        const over = await state.fills.read(of, o);
        const next = { plan: planOf('host-2'), over, runId: 'run-2' };
        expect(await state.fills.plan(of, next, o)).toBe(true);
        expect(await state.fills.plan(of, { ...next, runId: 'run-3' }, o)).toBe(false);
        expect(await state.fills.advance(of, { done: 2, runId: 'run-1' }, o)).toBe(false);
        expect(await state.fills.advance(of, { done: 1, runId: 'run-2' }, o)).toBe(true);
        expect(await state.fills.read(of, o)).toMatchObject({ plan: planOf('host-2'), revision: 2, done: 1 });
      });

      it('is the own one where a write is repeated whose answer was lost', async () => {
        const of = ofSink();
        const next = { plan: planOf(), over: undefined, runId: 'run-1' };
        expect(await state.fills.plan(of, next, o)).toBe(true);
        expect(await state.fills.plan(of, next, o)).toBe(true);
        expect(await state.fills.read(of, o)).toMatchObject({ revision: 1, done: 0 });
      });

      it('of 110,000 objects fits into one item', async () => {
        const of = ofSink();
        const step = (moref: string, index: number) => ({
          moref,
          from: T0 - (index % 7 === 0 ? 200_000 : 180_000),
          to: T0 - (index % 5 === 0 ? 20_000 : 0),
        });
        // Numbers with gaps, as those of a vCenter that has seen many machines come and go.
        const hosts = Array.from({ length: 10_000 }, (_, index) => `host-${index * 7 + (index % 5)}`);
        const machines = Array.from({ length: 100_000 }, (_, index) => `vm-${index * 11 + (index % 9)}`);
        const steps = [...hosts, ...machines].map(step);
        const batches = Array.from({ length: 110 }, (_, index) =>
          steps.slice(index * 1_000, (index + 1) * 1_000),
        );
        const plan = { batches, again: 0, kept: [], newest: T0, series: 20 };
        expect(await state.fills.plan(of, { plan, over: undefined, runId: 'run-1' }, o)).toBe(true);
        expect((await state.fills.read(of, o))?.plan?.batches[109]).toEqual(batches[109]);
      });

      describe('that somebody else has damaged', () => {
        const fine = { revision: 7, runId: 'x', packed: new Uint8Array([1]) };
        const done = { revision: 9, runId: 'x', done: 1 };
        it.each([
          ['is no plan', fine, done],
          ['has a text for its revision', { ...fine, revision: 'seven' }, { ...done, revision: 'nine' }],
          ['has no revision', { runId: 'x' }, { runId: 'x' }],
          [
            'has a revision that nothing comes after',
            { ...fine, revision: Number.MAX_SAFE_INTEGER },
            { ...done, revision: Number.MAX_SAFE_INTEGER },
          ],
          ['is gone, while its progress is there', undefined, done],
          ['was put back from a copy', 'older', done],
        ])('%s: it is written over, once', async (_what, plan, progress) => {
          const of = ofSink();
          const pk = `run#performance#${of.target}`;
          if (plan === 'older')
            await state.fills.plan(of, { plan: planOf(), over: undefined, runId: 'run-0' }, o);
          else if (plan !== undefined)
            await opened.table.replace({ pk, sk: 'fill#victoriametrics', ...(plan as object) }, o);
          await opened.table.replace({ pk, sk: 'fill-done#victoriametrics', ...progress }, o);
          const over = await state.fills.read(of, o);
          expect(over?.plan).toEqual(plan === 'older' ? planOf() : undefined);
          expect(over?.damage === undefined).toBe(plan === undefined || plan === 'older');
          const next = { plan: planOf('host-2'), over, runId: 'run-1' };
          expect(await state.fills.plan(of, next, o)).toBe(true);
          expect(await state.fills.plan(of, { ...next, runId: 'run-2' }, o)).toBe(false);
          expect(await state.fills.advance(of, { done: 1, runId: 'run-1' }, o)).toBe(true);
          expect(await state.fills.read(of, o)).toMatchObject({ plan: planOf('host-2'), done: 1 });
        });
      });
    });

    describe('accounts', () => {
      const login = { version: 'v1' };

      it('reads those from one address to another, both included', async () => {
        const user = fresh('user');
        for (const address of ['a', 'b', 'c', 'd'])
          await state.accounts.recordRefusal(user, address, login, o);
        const read = await state.accounts.readUnsettled(user, { ...o, range: ['b', 'c'] });
        expect([...read.keys()]).toEqual(['b', 'c']);
      });

      it('knows nothing of an account that was never refused', async () => {
        const user = fresh('user');
        expect(await state.accounts.read(user, 'esx01', o)).toBeUndefined();
        expect((await state.accounts.readAll(user, o)).size).toBe(0);
      });

      it('counts refusals with their time and versions until a success', async () => {
        const user = fresh('user');
        expect(await state.accounts.recordRefusal(user, 'esx01', login, o)).toEqual({
          user,
          address: 'esx01',
          refusals: 1,
          lastRefusalAt: T0,
          earlierRefusalAt: 0,
          refusedVersions: ['v1'],
        });
        now += MINUTE;
        const second = await state.accounts.recordRefusal(user, 'esx01', { version: 'v2' }, o);
        expect(second).toMatchObject({ refusals: 2, lastRefusalAt: now, earlierRefusalAt: T0 });
        expect(second.refusedVersions).toEqual(['v1', 'v2']);
        expect(await state.accounts.read(user, 'esx01', o)).toEqual(second);

        await state.accounts.recordSuccess(user, 'esx01', { version: 'v3' }, o);
        expect(await state.accounts.read(user, 'esx01', o)).toEqual({
          user,
          address: 'esx01',
          refusals: 0,
          refusedVersions: [],
          provenVersion: 'v3',
        });
      });

      it('keeps the proven version over a refusal', async () => {
        const user = fresh('user');
        await state.accounts.recordSuccess(user, 'esx01', login, o);
        await state.accounts.recordRefusal(user, 'esx01', { version: 'v2' }, o);
        expect(await state.accounts.read(user, 'esx01', o)).toMatchObject({
          provenVersion: 'v1',
          refusals: 1,
        });
      });

      it('loses none of 20 refusals at once', async () => {
        const user = fresh('user');
        await Promise.all(
          Array.from({ length: 20 }, () => state.accounts.recordRefusal(user, 'esx01', login, o)),
        );
        expect(await state.accounts.read(user, 'esx01', o)).toMatchObject({ refusals: 20 });
      });

      it('keeps every refusal of one version in their order', async () => {
        const user = fresh('user');
        for (const version of ['v2', 'v1', 'v2']) {
          await state.accounts.recordRefusal(user, 'esx01', { version }, o);
        }
        expect(await state.accounts.read(user, 'esx01', o)).toMatchObject({
          refusals: 3,
          refusedVersions: ['v2', 'v1', 'v2'],
        });
      });

      it('counts a presumed refusal, and gives it no time', async () => {
        const user = fresh('user');
        const presumed = { version: 'v1', presumed: true };
        expect(await state.accounts.recordRefusal(user, 'esx01', presumed, o)).toEqual({
          user,
          address: 'esx01',
          refusals: 1,
          refusedVersions: ['v1'],
        });
        await state.accounts.recordRefusal(user, 'esx01', login, o);
        now += MINUTE;
        expect(await state.accounts.recordRefusal(user, 'esx01', presumed, o)).toMatchObject({
          refusals: 3,
          lastRefusalAt: T0,
        });
      });

      it('says of refusals whether one was an answer, until the next success', async () => {
        const user = fresh('user');
        expect(await state.accounts.recordRefusal(user, 'vc01', login, o)).not.toHaveProperty('answered');
        const answered = { version: 'v1', answered: true };
        expect(await state.accounts.recordRefusal(user, 'vc01', answered, o)).toMatchObject({
          answered: true,
        });
        expect(await state.accounts.recordRefusal(user, 'vc01', login, o)).toMatchObject({ answered: true });
        await state.accounts.recordSuccess(user, 'vc01', { version: 'v1' }, o);
        expect(await state.accounts.read(user, 'vc01', o)).not.toHaveProperty('answered');
      });

      it('says of refusals that they are forgotten in time where that was said, until the next success', async () => {
        const user = fresh('user');
        expect(await state.accounts.recordRefusal(user, 'vc01', login, o)).not.toHaveProperty('decays');
        const decaying = { version: 'v1', decays: true };
        expect(await state.accounts.recordRefusal(user, 'vc01', decaying, o)).toMatchObject({ decays: true });
        await state.accounts.recordSuccess(user, 'vc01', { version: 'v1' }, o);
        expect(await state.accounts.read(user, 'vc01', o)).not.toHaveProperty('decays');
      });

      it('says it no more once a refusal of the account is not forgotten in time, also one of a lost flight', async () => {
        const decaying = { version: 'v1', decays: true };
        for (const lasting of [login, { version: 'v1', presumed: true, flight: 'run-1#vc01#0' }]) {
          const user = fresh('user');
          await state.accounts.recordRefusal(user, 'vc01', decaying, o);
          expect(await state.accounts.recordRefusal(user, 'vc01', lasting, o)).not.toHaveProperty('decays');
          expect(await state.accounts.read(user, 'vc01', o)).toMatchObject({ refusals: 2 });
          expect(await state.accounts.read(user, 'vc01', o)).not.toHaveProperty('decays');
        }
      });

      it('counts a flight once, also beside another one, until the next success', async () => {
        const user = fresh('user');
        const of = (flight: string) =>
          state.accounts.recordRefusal(user, 'esx01', { version: 'v1', presumed: true, flight }, o);
        expect(await of('run-1#vc01#0')).toMatchObject({ refusals: 1 });
        const again = await Promise.all([of('run-1#vc01#0'), of('run-2#vc01#0'), of('run-1#vc01#0')]);
        expect(Math.max(...again.map(({ refusals }) => refusals))).toBe(2);
        expect(await state.accounts.read(user, 'esx01', o)).toEqual({
          user,
          address: 'esx01',
          refusals: 2,
          refusedVersions: ['v1', 'v1'],
          lostFlights: expect.arrayContaining(['run-1#vc01#0', 'run-2#vc01#0']),
        });
        await state.accounts.recordSuccess(user, 'esx01', { version: 'v1' }, o);
        expect(await of('run-3#vc01#0')).toMatchObject({ refusals: 1, refusedVersions: ['v1'] });
      });

      it('counts a login once that its worker saw refused, whether its flight is counted before or after', async () => {
        const flight = 'run-1#vc01#0';
        const seen = { version: 'v1', ofFlight: flight };
        const lost = { version: 'v1', presumed: true, flight };
        for (const order of [
          [seen, lost],
          [lost, seen],
          [lost, seen, lost],
        ]) {
          const user = fresh('user');
          for (const login of order) await state.accounts.recordRefusal(user, 'esx01', login, o);
          expect(await state.accounts.read(user, 'esx01', o)).toMatchObject({
            refusals: 1,
            refusedVersions: ['v1'],
            lostFlights: [flight],
            lastRefusalAt: expect.any(Number),
          });
        }
      });

      it('counts each refusal that was seen of a flight, and the loss of another one besides', async () => {
        const user = fresh('user');
        const record = (login: { ofFlight: string } | { flight: string; presumed: true }) =>
          state.accounts.recordRefusal(user, 'esx01', { version: 'v1', ...login }, o);
        await record({ ofFlight: 'run-1#vc01#0' });
        await record({ ofFlight: 'run-1#vc01#0' });
        expect(await record({ flight: 'run-2#vc01#0', presumed: true })).toMatchObject({ refusals: 3 });
        await state.accounts.recordSuccess(user, 'esx01', { version: 'v1' }, o);
        expect(await record({ flight: 'run-1#vc01#0', presumed: true })).toMatchObject({ refusals: 1 });
      });

      it('leaves an attempt open that stands while a flight is counted: it may be of another login', async () => {
        const user = fresh('user');
        await state.accounts.beginAttempt(user, 'esx01', { id: 'other', version: 'v1', seen: undefined }, o);
        const lost = { version: 'v1', presumed: true, flight: 'run-1#vc01#0' };
        const attempt = { openAttempt: { id: 'other', version: 'v1', at: expect.any(Number) } };
        expect(await state.accounts.recordRefusal(user, 'esx01', lost, o)).toMatchObject({
          refusals: 1,
          ...attempt,
        });
        expect(await state.accounts.read(user, 'esx01', o)).toMatchObject(attempt);
      });

      it('notes a flight without a refusal of accounts whose attempts are on record, until the next success', async () => {
        const user = fresh('user');
        const note = (flight: string) => state.accounts.recordLost(user, 'esx01', { flight }, o);
        await note('run-1#vc01#0');
        await Promise.all([note('run-1#vc01#0'), note('run-2#vc01#0'), note('run-1#vc01#0')]);
        const noted = await state.accounts.read(user, 'esx01', o);
        expect(noted).toMatchObject({ refusals: 0, refusedVersions: [] });
        expect(noted?.lostFlights?.toSorted()).toEqual(['run-1#vc01#0', 'run-2#vc01#0']);
        await state.accounts.recordSuccess(user, 'esx01', { version: 'v1' }, o);
        expect(await state.accounts.read(user, 'esx01', o)).not.toHaveProperty('lostFlights');
      });

      it('marks a host while it is dialled; a success of another kind, and a lift, leave the mark', async () => {
        const user = fresh('user');
        const read = () => state.accounts.read(user, 'esx01', o);
        await state.accounts.recordRefusal(user, 'esx01', login, o);
        await state.accounts.beginDial(user, 'esx01', { until: T0 + MINUTE }, o);
        expect(await read()).toMatchObject({ refusals: 1, dialling: { until: T0 + MINUTE } });
        await state.accounts.recordSuccess(user, 'esx01', { version: 'v1' }, o);
        expect(await read()).toMatchObject({ refusals: 0, dialling: { until: T0 + MINUTE } });
        expect(await state.accounts.lift(user, undefined, o)).toBe(1);
        expect(await read()).toMatchObject({ dialling: { until: 0 } });
        await state.accounts.endDial(user, 'esx01', o);
        expect(await read()).not.toHaveProperty('dialling');
      });

      it('keeps nothing of a host whose mark was the last that stood there, or never did', async () => {
        const user = fresh('user');
        const unsettled = async () => [...(await state.accounts.readUnsettled(user, o)).keys()];
        await state.accounts.endDial(user, 'esx01', o);
        expect(await unsettled()).toEqual([]);
        await state.accounts.recordLost(user, 'esx01', { flight: 'run-1#vc01#0' }, o);
        await state.accounts.beginDial(user, 'esx01', { until: T0 + MINUTE }, o);
        await state.accounts.endDial(user, 'esx01', o);
        expect(await unsettled()).toEqual(['esx01']);
        await state.accounts.beginDial(user, 'esx01', { until: T0 + MINUTE }, o);
        await state.accounts.endDial(user, 'esx01', { ...o, forgetFlights: true });
        expect(await unsettled()).toEqual([]);
      });

      it('forgets with the mark which flights were lost with the account, when it is told to', async () => {
        const user = fresh('user');
        await state.accounts.recordRefusal(user, 'esx01', { ...login, flight: 'run-1#vc01#0' }, o);
        for (const forgetFlights of [false, true]) {
          await state.accounts.beginDial(user, 'esx01', { until: T0 + MINUTE }, o);
          await state.accounts.endDial(user, 'esx01', { ...o, forgetFlights });
          const left = await state.accounts.read(user, 'esx01', o);
          expect(left).toMatchObject({ refusals: 1 });
          expect(left).not.toHaveProperty('dialling');
          expect(left?.lostFlights).toEqual(forgetFlights ? undefined : ['run-1#vc01#0']);
        }
      });

      describe('attempts', () => {
        let attempts = 0;
        const last = () => `attempt ${attempts}`;
        const begin = (user: string, seen?: AccountHistory) => {
          attempts += 1;
          return state.accounts.beginAttempt(user, 'esx01', { id: last(), version: 'v1', seen }, o);
        };
        const read = (user: string) => state.accounts.read(user, 'esx01', o);

        it('stand on record until their end is written', async () => {
          for (const end of ['closeAttempt', 'recordRefusal', 'recordSuccess'] as const) {
            const user = fresh('user');
            expect(await begin(user)).toBe(true);
            const openAttempt = { id: last(), version: 'v1', at: T0 };
            expect(await read(user)).toEqual({
              user,
              address: 'esx01',
              refusals: 0,
              refusedVersions: [],
              openAttempt,
            });
            expect(await state.accounts.list(o)).toContainEqual(
              expect.objectContaining({ user, openAttempt }),
            );
            if (end === 'closeAttempt')
              await state.accounts.closeAttempt(user, 'esx01', { ...o, id: last() });
            else await state.accounts[end](user, 'esx01', { ...login, attempt: last() }, o);
            expect(await read(user)).not.toHaveProperty('openAttempt');
            expect(await read(user)).toMatchObject({ refusals: end === 'recordRefusal' ? 1 : 0 });
          }
        });

        it('are closed by their own end only, and begin neither twice nor after it', async () => {
          const user = fresh('user');
          const attempt = (id: string, seen?: AccountHistory) =>
            state.accounts.beginAttempt(user, 'esx01', { id, version: 'v1', seen }, o);
          const end = (id: string) => state.accounts.closeAttempt(user, 'esx01', { ...o, id });
          // Its end is written first: the beginning was under way for too long.
          await end('late');
          expect(await attempt('late')).toBe(false);
          expect(await read(user)).not.toHaveProperty('openAttempt');

          // The answer was lost, and the client says it again.
          expect(await attempt('one', await read(user))).toBe(true);
          expect(await attempt('one')).toBe(true);
          // Another process takes over what it takes for left behind.
          expect(await attempt('two', await read(user))).toBe(true);
          await end('one');
          expect(await read(user)).toMatchObject({ refusals: 1, openAttempt: { id: 'two' } });
          await end('two');
          expect(await read(user)).not.toHaveProperty('openAttempt');
          expect(await attempt('three', await read(user))).toBe(true);
        });

        it('that the far side was undecided about leave their times, and no refusal, until a success or a lift', async () => {
          for (const end of ['success', 'lift'] as const) {
            const user = fresh('user');
            await begin(user);
            const undecidedAt = [T0, T0 + MINUTE];
            await state.accounts.closeAttempt(user, 'esx01', { ...o, id: last(), undecidedAt });
            expect(await read(user)).toEqual({
              user,
              address: 'esx01',
              refusals: 0,
              refusedVersions: [],
              undecidedAt,
            });
            if (end === 'success') await state.accounts.recordSuccess(user, 'esx01', login, o);
            else {
              await state.accounts.recordRefusal(user, 'esx01', login, o);
              expect(await read(user)).toMatchObject({ undecidedAt });
              expect(await state.accounts.lift(user, 'esx01', o)).toBe(1);
            }
            expect(await read(user)).not.toHaveProperty('undecidedAt');
          }
        });

        it('have one winner of 20 that saw the same', async () => {
          const user = fresh('user');
          await state.accounts.recordRefusal(user, 'esx01', login, o);
          for (const _ of ['nothing open', 'one open']) {
            now += MINUTE;
            const seen = await read(user);
            const begun = await Promise.all(Array.from({ length: 20 }, () => begin(user, seen)));
            expect(begun.filter((one) => one)).toHaveLength(1);
          }
          expect(await read(user)).toMatchObject({
            refusals: 2,
            refusedVersions: ['v1', 'v1'],
            lastRefusalAt: T0,
            openAttempt: { version: 'v1', at: now },
          });
        });

        it('do not begin when the account changed since it was seen', async () => {
          const user = fresh('user');
          const unknown = await read(user);
          await state.accounts.recordRefusal(user, 'esx01', login, o);
          expect(await begin(user, unknown)).toBe(false);
          const refused = await read(user);
          await state.accounts.recordSuccess(user, 'esx01', login, o);
          expect(await begin(user, refused)).toBe(false);
          expect(await begin(user, await read(user))).toBe(true);
        });

        it('that end well reset the account, but not what may have been refused after them', async () => {
          const user = fresh('user');
          await state.accounts.recordRefusal(user, 'esx01', login, o);
          const seen = await read(user);
          await begin(user, seen);
          const success = { version: 'v1', attempt: last(), seen: { refusals: 1 } };
          await state.accounts.recordRefusal(user, 'esx01', login, o);
          await state.accounts.recordSuccess(user, 'esx01', success, o);
          expect(await read(user)).toMatchObject({ refusals: 2, provenVersion: 'v1' });
          await begin(user, await read(user));
          const second = { version: 'v2', attempt: last(), seen: { refusals: 2 } };
          await state.accounts.recordSuccess(user, 'esx01', second, o);
          const proven = { user, address: 'esx01', refusals: 0, refusedVersions: [], provenVersion: 'v2' };
          expect(await read(user)).toEqual(proven);
        });

        it('that took over another one leave its refusal to the next success', async () => {
          const user = fresh('user');
          await begin(user);
          const seen = await read(user);
          await begin(user, seen);
          if (seen === undefined) throw new RangeError('no attempt');
          await state.accounts.recordSuccess(user, 'esx01', { version: 'v1', attempt: last(), seen }, o);
          const after = await read(user);
          expect(after).toMatchObject({ refusals: 1, refusedVersions: ['v1'], provenVersion: 'v1' });
          expect(after).not.toHaveProperty('openAttempt');
        });

        it('that end well leave what another process began meanwhile, also when their end is written again', async () => {
          for (const lasting of [{}, { hostLimit: 5 }]) {
            for (const refusals of [0, 1]) {
              const user = fresh('user');
              if (refusals > 0) await state.accounts.recordRefusal(user, 'esx01', login, o);
              await state.accounts.recordLimits(user, 'esx01', lasting, o);
              const seen = { refusals };
              await state.accounts.beginAttempt(user, 'esx01', { id: 'own', version: 'v1', seen }, o);
              const success = { version: 'v1', attempt: 'own', seen };
              await state.accounts.recordSuccess(user, 'esx01', success, o);
              const other = { id: 'other', version: 'v2', seen: await read(user) };
              expect(await state.accounts.beginAttempt(user, 'esx01', other, o)).toBe(true);
              await state.accounts.recordSuccess(user, 'esx01', success, o);
              expect(await read(user)).toMatchObject({ openAttempt: { id: 'other' }, refusals: 0 });
            }
          }
        });

        it('that end well after another process took them for lost leave the attempt of that one', async () => {
          const user = fresh('user');
          await begin(user);
          const success = { version: 'v1', attempt: last(), seen: { refusals: 0 } };
          await begin(user, await read(user));
          await state.accounts.recordSuccess(user, 'esx01', success, o);
          expect(await read(user)).toMatchObject({ openAttempt: { id: last() }, refusals: 1 });
        });

        it('are lifted like refusals', async () => {
          const user = fresh('user');
          await begin(user);
          expect(await state.accounts.lift(user, undefined, o)).toBe(1);
          expect(await read(user)).toEqual({ user, address: 'esx01', refusals: 0, refusedVersions: [] });
        });
      });

      describe('of an account that hosts have in common', () => {
        const read = (user: string) => state.accounts.read(user, '*', o);
        const attempts = fresh('attempt');
        let count = 0;
        const tried = async (user: string, host: string, end: 'accepted' | 'refused' | 'killed') => {
          count += 1;
          const attempt = `${attempts}-${count}`;
          const seen = await read(user);
          await state.accounts.beginAttempt(user, '*', { id: attempt, version: 'v1', seen, host }, o);
          const success = { version: 'v1', attempt, host, seen: seen ?? { refusals: 0 } };
          if (end === 'accepted') await state.accounts.recordSuccess(user, '*', success, o);
          if (end === 'refused') await state.accounts.recordRefusal(user, '*', { version: 'v1', host }, o);
          return success;
        };

        it('forgets what a host refused when two others accepted since, or it itself', async () => {
          for (const [by, left] of [
            [['esx02'], 1],
            [['esx02', 'ESX02'], 1],
            [['esx02', 'esx03'], 0],
            [['esx01'], 0],
            [['esx02', 'esx01'], 0],
          ] as const) {
            const user = fresh('user');
            await tried(user, 'ESX01', 'refused');
            for (const host of by) await tried(user, host, 'accepted');
            expect(await read(user), by.join()).toMatchObject({ refusals: left, provenVersion: 'v1' });
          }
        });

        it('takes no acceptance for one that came after a refusal which it came before', async () => {
          const user = fresh('user');
          await tried(user, 'esx01', 'refused');
          await tried(user, 'esx02', 'accepted');
          await tried(user, 'esx01', 'refused');
          await tried(user, 'esx03', 'accepted');
          expect(await read(user)).toMatchObject({ refusals: 2 });
          await tried(user, 'esx02', 'accepted');
          expect(await read(user)).toMatchObject({ refusals: 0 });
        });

        it('knows whose attempt it was that nobody ended, and of a lost batch that it was several', async () => {
          const killed = fresh('user');
          await tried(killed, 'esx01', 'killed');
          // It takes the attempt over, which may be under way still.
          await tried(killed, 'esx01', 'accepted');
          expect(await read(killed)).toMatchObject({ refusals: 1 });
          await tried(killed, 'esx01', 'accepted');
          expect(await read(killed)).toMatchObject({ refusals: 0 });

          const lost = fresh('user');
          await tried(lost, 'esx01', 'refused');
          await state.accounts.recordSuccess(lost, '*', login, o);
          const flight = { version: 'v1', presumed: true, flight: 'run-1' };
          await state.accounts.recordRefusal(lost, '*', flight, o);
          for (const left of [1, 1]) {
            await tried(lost, 'esx01', 'accepted');
            expect(await read(lost)).toMatchObject({ refusals: left });
          }
          await tried(lost, 'esx02', 'accepted');
          expect(await read(lost)).toMatchObject({ refusals: 0 });
        });

        it('has two refusals of one host wait for two others, and counts no acceptance twice that is written again', async () => {
          const user = fresh('user');
          for (const end of ['refused', 'refused'] as const) await tried(user, 'esx01', end);
          await tried(user, 'esx01', 'accepted');
          expect(await read(user)).toMatchObject({ refusals: 2 });
          const success = await tried(user, 'esx02', 'accepted');
          expect(await read(user)).toMatchObject({ refusals: 0 });
          await tried(user, 'esx03', 'refused');
          await state.accounts.recordSuccess(user, '*', success, o);
          await tried(user, 'esx04', 'accepted');
          expect(await read(user)).toMatchObject({ refusals: 1 });
        });

        it('tells a refusal that was lifted no more', async () => {
          const user = fresh('user');
          await tried(user, 'esx01', 'refused');
          await tried(user, 'esx02', 'accepted');
          await state.accounts.lift(user, '*', o);
          await tried(user, 'esx03', 'refused');
          await tried(user, 'esx01', 'accepted');
          expect(await read(user)).toMatchObject({ refusals: 1 });
        });
      });

      it('leaves nothing to read of an account that is accepted, but what its host says of itself', async () => {
        const user = fresh('user');
        const unsettled = async () => [...(await state.accounts.readUnsettled(user, o)).keys()];
        for (const address of ['esx01', 'esx02', 'esx03', 'esx04', 'esx05'])
          await state.accounts.recordRefusal(user, address, login, o);
        await state.accounts.recordLimits(user, 'esx02', { hostLimit: 5 }, o);
        await state.accounts.beginDial(user, 'esx03', { until: T0 }, o);
        for (const address of ['esx01', 'esx02', 'esx03'])
          await state.accounts.recordSuccess(user, address, { version: 'v1', seen: { refusals: 1 } }, o);
        await state.accounts.recordSuccess(user, 'esx04', login, o);
        expect(await unsettled()).toEqual(['esx02', 'esx03', 'esx05']);
        const all = await state.accounts.readAll(user, o);
        expect([...all.keys()].toSorted()).toEqual(['esx01', 'esx02', 'esx03', 'esx04', 'esx05']);
        expect(all.get('esx02')).toEqual({
          ...{ user, address: 'esx02', refusals: 0, refusedVersions: [] },
          ...{ provenVersion: 'v1', hostLimit: 5 },
        });
      });

      it('keeps a refusal that comes while an earlier login is written down as accepted', async () => {
        const user = fresh('user');
        const seen = { refusals: 0 };
        await state.accounts.beginAttempt(user, 'esx01', { id: 'one', version: 'v1', seen }, o);
        await state.accounts.recordRefusal(user, 'esx01', login, o);
        await state.accounts.recordSuccess(user, 'esx01', { version: 'v1', attempt: 'one', seen }, o);
        expect(await state.accounts.read(user, 'esx01', o)).toMatchObject({
          refusals: 1,
          provenVersion: 'v1',
        });
      });

      it('are read of some addresses, and what the caller knows of versions is not read', async () => {
        const user = fresh('user');
        await state.accounts.recordSuccess(user, 'esx01', { version: 'v1' }, o);
        await state.accounts.recordSuccess(user, 'esx02', { version: 'v1' }, o);
        await state.accounts.recordRefusal(user, 'esx02', login, o);
        await state.accounts.recordRefusal(user, 'esx09', login, o);
        const proven = new Map([
          ['esx02', 'v0'],
          ['esx03', undefined],
          ['esx04', 'v4'],
        ]);
        const addresses = ['ESX01', 'esx02', 'esx03', 'esx04', 'esx05'];
        const read = await state.accounts.readSome(user, { addresses, proven }, o);
        const known = { user, refusedVersions: [] };
        expect([...read.values()]).toEqual([
          { ...known, address: 'esx01', refusals: 0, provenVersion: 'v1' },
          expect.objectContaining({ address: 'esx02', refusals: 1, provenVersion: 'v0' }),
          { ...known, address: 'esx04', refusals: 0, provenVersion: 'v4' },
        ]);
      });

      it('keeps one budget for all spellings of a user and an address', async () => {
        const user = fresh('user');
        await state.accounts.recordRefusal(user.toUpperCase(), 'ESX01.Example.org.', login, o);
        await state.accounts.recordRefusal(user, 'esx01.example.org', login, o);
        const histories = await state.accounts.readAll(user, o);
        expect([...histories.keys()]).toEqual(['esx01.example.org']);
        expect(histories.get('Esx01.example.ORG')).toMatchObject({ refusals: 2 });
        expect(histories.has('ESX01.example.org')).toBe(true);
      });

      it('reads all addresses, over every page', async () => {
        const user = fresh('user');
        // DynamoDB's page has 1 MB: these are three.
        const [addresses, version] = [60, 'v'.repeat(40_000)];
        await inTurns(addresses, 10, (n) =>
          state.accounts.recordSuccess(user, `esx${n}.example.org`, { version }, o),
        );
        expect((await state.accounts.readAll(user, o)).size).toBe(addresses);
      });

      it('keeps what a host says of its own rules, one by one, over refusals, successes and a lift', async () => {
        const user = fresh('user');
        const limits = async () => {
          const { hostLimit, unlockSeconds } = (await state.accounts.read(user, 'esx01', o)) ?? {};
          return [hostLimit, unlockSeconds];
        };
        await state.accounts.recordRefusal(user, 'esx01', login, o);
        expect(await limits()).toEqual([undefined, undefined]);
        await state.accounts.recordLimits(user, 'ESX01', { hostLimit: 5, unlockSeconds: 900 }, o);
        expect(await limits()).toEqual([5, 900]);
        await state.accounts.recordLimits(user, 'esx01', { unlockSeconds: 0 }, o);
        expect(await limits()).toEqual([5, 0]);
        await state.accounts.recordRefusal(user, 'esx01', login, o);
        await state.accounts.lift(user, 'esx01', o);
        await state.accounts.recordSuccess(user, 'esx01', login, o);
        expect(await limits()).toEqual([5, 0]);
      });

      it('lists every account with a refusal, and those only', async () => {
        const [first, second] = [fresh('user'), fresh('user')];
        await state.accounts.recordRefusal(first, 'esx01', login, o);
        await state.accounts.recordRefusal(first, 'esx02', login, o);
        await state.accounts.recordSuccess(first, 'esx02', login, o);
        await state.accounts.recordRefusal(second, 'esx01', login, o);
        const listed = (await state.accounts.list(o)).filter(({ user }) => [first, second].includes(user));
        expect(listed.map(({ user, address }) => [user, address])).toEqual([
          [first, 'esx01'],
          [second, 'esx01'],
        ]);
      });

      it('lifts one account, or all of a user, and says how many', async () => {
        const user = fresh('user');
        for (const address of ['esx01', 'esx02', 'esx03']) {
          await state.accounts.recordRefusal(user, address, login, o);
        }
        await state.accounts.recordSuccess(user, 'esx04', login, o);
        expect(await state.accounts.lift(user, 'ESX01', o)).toBe(1);
        expect(await state.accounts.lift(user, 'esx01', o)).toBe(0);
        expect(await state.accounts.lift(user, 'unknown', o)).toBe(0);
        expect(await state.accounts.lift(user, undefined, o)).toBe(2);
        const lifted = await state.accounts.read(user, 'esx02', o);
        expect(lifted).toEqual({ user, address: 'esx02', refusals: 0, refusedVersions: [] });
      });
    });

    describe('credential states', () => {
      const suspended = { version: 'v2', tries: 2, nextTryAt: T0 + MINUTE };

      it('come back as they were written, and nothing is known at first', async () => {
        const id = fresh('secret:a/b#c');
        const unknown = await state.credentialStates.read(id, o);
        expect(unknown).toEqual({ state: { id }, revision: 0 });
        const trial = { holder: 'run-1', endsAt: T0 };
        const known = { id, provenVersion: 'v1', acceptedBy: 'esx01', suspended, trial };
        const written = await state.credentialStates.replace(known, unknown, o);
        expect(written).toEqual({ state: known, revision: 1 });
        expect(await state.credentialStates.read(id, o)).toEqual(written);
        if (written === undefined) throw new RangeError('not written');
        await state.credentialStates.replace({ id }, written, o);
        expect(await state.credentialStates.read(id, o)).toEqual({ state: { id }, revision: 2 });
      });

      it('have one winner of 20 changes of what was read, at first and later', async () => {
        const id = fresh('env:X');
        for (const revision of [1, 2]) {
          const seen = await state.credentialStates.read(id, o);
          const answers = await Promise.all(
            Array.from({ length: 20 }, (_, n) =>
              state.credentialStates.replace({ id, trial: { holder: `run-${n}`, endsAt: T0 } }, seen, o),
            ),
          );
          const winners = answers.filter((one) => one !== undefined);
          expect(winners).toHaveLength(1);
          expect(await state.credentialStates.read(id, o)).toEqual({ ...winners[0], revision });
        }
      });

      it('are listed where anything is known', async () => {
        const [known, unknown] = [fresh('env:X'), fresh('env:X')];
        const seen = await state.credentialStates.read(known, o);
        await state.credentialStates.replace({ id: known, suspended }, seen, o);
        expect(await state.credentialStates.list([unknown, known], o)).toEqual([{ id: known, suspended }]);
      });
    });

    describe('flights', () => {
      const flight = (batch: number, hosts = 2) => ({
        id: `run-1#${batch}`,
        batch,
        user: 'root',
        version: 'v1',
        addresses: Array.from({ length: hosts }, (_, n) => `esx${batch}-${n}.example.org`),
        unproven: Array.from({ length: batch }, (_, n) => `new${n}.example.org`),
      });

      it('are there from their beginning to their end, of one sweep and target', async () => {
        const target = fresh('vc');
        expect(await state.flights.readAll('services', target, o)).toEqual([]);
        for (const batch of [0, 1, 2]) await state.flights.begin('services', target, flight(batch), o);
        await state.flights.begin('status', target, flight(0), o);
        expect(await state.flights.readAll('services', target, o)).toEqual([flight(0), flight(1), flight(2)]);
        await state.flights.end('services', target, ['run-1#0', 'run-1#2', 'run-1#7'], o);
        await state.flights.end('services', target, [], o);
        expect(await state.flights.readAll('services', target, o)).toEqual([flight(1)]);
        expect(await state.flights.readAll('status', target, o)).toEqual([flight(0)]);
      });

      it('say by which keys the hosts of one of them are believed, and nothing of the others', async () => {
        const target = fresh('vc');
        const keys = { digest: 'abc', change: '' };
        await state.flights.begin('services', target, { ...flight(0), keys }, o);
        await state.flights.begin('services', target, flight(1), o);
        const read = (id: string) => state.flights.readKeys('services', target, id, o);
        expect(await read('run-1#0')).toEqual(keys);
        expect(await read('run-1#1')).toBeUndefined();
        expect(await read('run-1#2')).toBeUndefined();
        expect(await state.flights.readKeys('status', target, 'run-1#0', o)).toBeUndefined();
        expect(await state.flights.readAll('services', target, o)).toEqual([
          { ...flight(0), keys },
          flight(1),
        ]);
      });

      it('are begun once however often their beginning is written, and do not hinder lease and last run', async () => {
        const target = fresh('vc');
        await state.runs.acquireLease('services', target, { holder: 'one', endsAt: T0 + MINUTE }, o);
        await state.flights.begin('services', target, flight(0), o);
        await state.flights.begin('services', target, flight(0, 5), o);
        expect(await state.flights.readAll('services', target, o)).toEqual([flight(0, 5)]);
        expect(await state.runs.confirmLease('services', target, 'one', o)).toBe(true);
      });

      it('are ended by the run that began them: a paused run ends none of the run that took its lease', async () => {
        const target = fresh('vc');
        const [paused, later] = [flight(0), { ...flight(0, 5), id: 'run-2#0' }];
        await state.flights.begin('services', target, paused, o);
        for (const { id } of await state.flights.readAll('services', target, o))
          await state.flights.end('services', target, [id], o);
        await state.flights.begin('services', target, later, o);
        await state.flights.end('services', target, [paused.id], o);
        expect(await state.flights.readAll('services', target, o)).toEqual([later]);
        await state.flights.begin('services', target, paused, o);
        expect(await state.flights.readAll('services', target, o)).toEqual([paused, later]);
      });

      it('may hold 250 hosts with long names, and 60 batches', async () => {
        const target = fresh('vc');
        const addresses = Array.from({ length: 250 }, (_, n) => `${noise(n)}.${'x'.repeat(200)}.example.org`);
        for (let batch = 0; batch < 60; batch += 1) {
          await state.flights.begin(
            'services',
            target,
            { ...flight(batch), addresses, unproven: addresses },
            o,
          );
        }
        const all = await state.flights.readAll('services', target, o);
        expect(all.map(({ batch }) => batch).sort((one, other) => one - other)).toEqual(
          Array.from({ length: 60 }, (_, n) => n),
        );
        expect(all[59]?.addresses).toEqual(addresses);
        expect(all[59]?.unproven).toEqual(addresses);
        await state.flights.end(
          'services',
          target,
          all.map(({ id }) => id),
          o,
        );
        expect(await state.flights.readAll('services', target, o)).toEqual([]);
      });
    });

    describe('the names of sweeps and targets with flights', () => {
      const begin = (target: string, from = state) => {
        const flight = { id: 'run-1#0', batch: 0, user: 'root', version: 'v1', endsAt: T0 + MINUTE };
        const hosts = { addresses: ['esx1'], unproven: [] };
        return from.flights.begin('services', target, { ...flight, ...hosts }, o);
      };
      const named = async (target: string) =>
        (await state.flights.readOwners(o)).filter((owner) => owner.target === target);

      it('are there from the first flight on, and stay when all are over', async () => {
        const target = fresh('vc#1%');
        await begin(target);
        await state.flights.end('services', target, ['run-1#0'], o);
        await begin(target);
        expect(await named(target)).toEqual([{ sweep: 'services', target, namedAt: T0 }]);
        expect(await state.flights.readAll('services', target, o)).toMatchObject([{ endsAt: T0 + MINUTE }]);
      });

      it('are renewed once a day, by one process that goes on or by another one', async () => {
        const target = fresh('vc');
        const other = createState({ table: opened.table, ...sealed, clock });
        await begin(target);
        now += 24 * 60 * MINUTE - 1;
        for (const from of [state, other]) await begin(target, from);
        expect(await named(target)).toMatchObject([{ namedAt: T0 }]);
        now += 24 * 60 * MINUTE;
        await begin(target);
        expect(await named(target)).toMatchObject([{ namedAt: now }]);
      });

      it('go when they are what was read, and not when they were renewed since', async () => {
        const target = fresh('vc');
        await begin(target);
        const [owner] = await named(target);
        if (owner === undefined) throw new RangeError('it has no name');
        await state.flights.forgetOwner({ ...owner, namedAt: T0 - 1 }, o);
        expect(await named(target)).toEqual([owner]);
        await state.flights.forgetOwner(owner, o);
        expect(await named(target)).toEqual([]);
      });
    });

    describe('claims of batches', () => {
      const until = T0 + MINUTE;

      it('are given once, each batch of each run by itself', async () => {
        const target = fresh('vc#1');
        const take = (runId: string, batch: number) => state.claims.take({ target, runId, batch, until }, o);
        const racing = await Promise.all(Array.from({ length: 20 }, () => take('run', 0)));
        expect(racing.filter((isFree) => isFree)).toHaveLength(1);
        now = until + 1;
        expect(await take('run', 0)).toBe(false);
        expect([await take('run', 1), await take('run-2', 0), await take('run#1', 0)]).toEqual([
          true,
          true,
          true,
        ]);
      });

      it('are given to who asks again because the answer was lost', async () => {
        const answersLost = {
          answer: async (forward: () => Promise<unknown>) => await forward().then(forward),
        };
        const twice = createState({ table: toFaultyTable(opened.table, answersLost), clock });
        const batch = { target: fresh('vc'), runId: 'run', batch: 0, until };
        expect(await twice.claims.take(batch, o)).toBe(true);
        expect(await state.claims.take(batch, o)).toBe(false);
      });

      it('say when the table may forget them: after the request has expired, in seconds', async () => {
        const target = fresh('vc');
        await state.claims.take({ target, runId: 'run', batch: 0, until }, o);
        const items = await opened.table.query({ pk: `claim#${target}` }, o);
        expect(items).toMatchObject([{ expiresAt: until / 1_000 + 3_600 }]);
      });
    });

    describe('host keys', () => {
      const key = (n: number) => ({ type: 'ecdsa-sha2-nistp256', blob: btoa(`key ${n}`) });
      const found = (n: number, target = 'vc1') => ({ key: key(n), target });
      /** The partition is one for all tests. */
      const pinnedAt = async (endpoint: string) => (await state.hostKeys.readAll(o)).get(endpoint);

      it('pins the first key and answers it ever after, whichever target the host is listed by', async () => {
        const endpoint = `${fresh('esx')}:22`;
        expect(await state.hostKeys.read(endpoint, o)).toBeUndefined();
        expect(await state.hostKeys.pin(endpoint, found(1), o)).toBe('pinned');
        now += MINUTE;
        const pinned = { ...key(1), pinnedAt: T0, target: 'vc1' };
        expect(await state.hostKeys.pin(endpoint, found(2), o)).toEqual(pinned);
        expect(await state.hostKeys.pin(endpoint, found(1, 'renamed'), o)).toEqual(pinned);
        expect(await state.hostKeys.read(endpoint, o)).toEqual(pinned);
        expect(await pinnedAt(endpoint)).toEqual(pinned);
      });

      it('are read of 250 endpoints, each once, and of no other', async () => {
        const all = Array.from({ length: 250 }, () => `${fresh('some')}:22`);
        await inTurns(250, 25, (n) => state.hostKeys.pin(all[n] ?? '', found(n), o));
        const asked = [...all.slice(1), ...all.slice(1), `${fresh('none')}:22`];
        const read = await state.hostKeys.readSome(asked, o);
        expect([...read.keys()].toSorted()).toEqual(all.slice(1).toSorted());
        expect(read.get(all[7] ?? '')).toMatchObject(key(7));
        expect((await state.hostKeys.readSome([], o)).size).toBe(0);
      });

      it('have another last change after one was replaced or forgotten, also when nothing was, and not after a first pin', async () => {
        const endpoint = `${fresh('esx')}:22`;
        const changes = [await state.hostKeys.lastChange(o)];
        const note = async () => void changes.push(await state.hostKeys.lastChange(o));
        await state.hostKeys.pin(endpoint, found(1), o);
        await note();
        expect(changes[1]).toBe(changes[0]);
        const seen = await state.hostKeys.read(endpoint, o);
        await state.hostKeys.replace(endpoint, { ...found(2), seen }, o);
        await note();
        await state.hostKeys.replace(`${fresh('esx')}:22`, { ...found(2), seen: undefined }, o);
        await note();
        await state.hostKeys.forget({ endpoint }, o);
        await note();
        await state.hostKeys.forget({ endpoint }, o);
        await note();
        expect(new Set(changes).size).toBe(5);
      });

      it('have no last change from before one is written until it surely is, and for an hour where nobody knows', async () => {
        let writes = 0;
        const answersLost = toFaultyTable(opened.table, {
          async answer(forward, { isWrite }) {
            const answer = await forward();
            if (isWrite && ++writes === 2) throw new Error('it was lost');
            return answer;
          },
        });
        const { hostKeys } = createState({ table: answersLost, ...sealed, clock });
        const change = { ...found(1), seen: undefined };
        await expect(hostKeys.replace(`${fresh('esx')}:22`, change, o)).rejects.toThrow('it was lost');
        const last = () => state.hostKeys.lastChange(o);
        expect(await last()).toBeUndefined();
        await state.hostKeys.forget({ endpoint: `${fresh('esx')}:22` }, o);
        now += 60 * MINUTE - 1;
        expect(await last()).toBeUndefined();
        now += 1;
        const later = await last();
        expect(later).toEqual(expect.any(String));
        await state.hostKeys.forget({ endpoint: `${fresh('esx')}:22` }, o);
        expect(await last()).not.toBe(later);
        const item = await opened.table.get({ pk: 'stamps', sk: 'hostkeys' }, o);
        expect(Object.keys(item ?? {}).toSorted()).toEqual(['id', 'pk', 'sk']);
      });

      it('has one winner of 20 racing pins, and tells the others its key', async () => {
        const endpoint = `${fresh('esx')}:22`;
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, n) => state.hostKeys.pin(endpoint, found(n), o)),
        );
        const winners = answers.flatMap((answer, n) => (answer === 'pinned' ? [n] : []));
        expect(winners).toHaveLength(1);
        const pinned = await state.hostKeys.read(endpoint, o);
        expect(pinned).toMatchObject({ ...key(winners[0] ?? -1), pinnedAt: T0 });
        expect(answers.filter((answer) => answer !== 'pinned')).toEqual(Array(19).fill(pinned));
      });

      it('says that it pinned the key when the write was repeated, because its answer was lost', async () => {
        const endpoint = `${fresh('esx')}:22`;
        expect(await state.hostKeys.pin(endpoint, found(1), o)).toBe('pinned');
        expect(await state.hostKeys.pin(endpoint, found(1), o)).toBe('pinned');
        expect(await state.hostKeys.pin(endpoint, found(2), o)).toMatchObject(key(1));
      });

      it('is replaced only while it is the one that was seen', async () => {
        const endpoint = `${fresh('esx')}:22`;
        const replace = (n: number, seen: HostKeyRecord | undefined) =>
          state.hostKeys.replace(endpoint, { ...found(n), seen }, o);
        expect(await replace(1, { ...key(9), pinnedAt: T0, target: 'vc1' })).toBe(false);
        expect(await replace(1, undefined)).toBe(true);
        expect(await replace(2, undefined)).toBe(false);
        const seen = await state.hostKeys.read(endpoint, o);
        expect(await replace(2, seen)).toBe(true);
        expect(await replace(3, seen)).toBe(false);
        expect(await pinnedAt(endpoint)).toMatchObject(key(2));
      });

      it('forgets one endpoint, or all that were pinned for a target, and no other', async () => {
        const [target, other] = [fresh('vc'), fresh('vc')];
        const endpoints = Array.from({ length: 30 }, () => `${fresh('esx')}:22`);
        for (const endpoint of endpoints) await state.hostKeys.pin(endpoint, found(1, target), o);
        const [first = ''] = endpoints;
        const kept = `${fresh('esx')}:22`;
        await state.hostKeys.pin(kept, found(1, other), o);
        expect(await state.hostKeys.forget({ endpoint: first }, o)).toBe(1);
        expect(await state.hostKeys.forget({ endpoint: first }, o)).toBe(0);
        expect(await state.hostKeys.pin(first, found(99, target), o)).toBe('pinned');
        expect(await state.hostKeys.forget({ target }, o)).toBe(30);
        const left = await state.hostKeys.readAll(o);
        expect(endpoints.filter((endpoint) => left.has(endpoint))).toEqual([]);
        expect(left.has(kept)).toBe(true);
      });
    });

    describe('leases', () => {
      const lease = (holder: string, endsAt: number) => ({ holder, endsAt });

      it('has one winner of 20 runs that start at once', async () => {
        const target = fresh('vc');
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            state.runs.acquireLease('services', target, lease(`run-${n}`, T0 + MINUTE), o),
          ),
        );
        const winner = answers.indexOf('acquired');
        const lost = { heldBy: `run-${winner}`, endsAt: T0 + MINUTE };
        expect(answers.toSpliced(winner, 1)).toEqual(Array(19).fill(lost));
      });

      it('is taken over from its end on by our clock, not before', async () => {
        const target = fresh('vc');
        await state.runs.acquireLease('services', target, lease('one', T0 + MINUTE), o);
        now = T0 + MINUTE - 1;
        expect(await state.runs.acquireLease('services', target, lease('two', now + MINUTE), o)).toEqual({
          heldBy: 'one',
          endsAt: T0 + MINUTE,
        });
        now = T0 + MINUTE;
        expect(await state.runs.acquireLease('services', target, lease('two', now + MINUTE), o)).toBe(
          'acquired',
        );
        expect(await state.runs.confirmLease('services', target, 'one', o)).toBe(false);
        expect(await state.runs.confirmLease('services', target, 'two', o)).toBe(true);
      });

      it('is none when it ends later than any run could, because a clock was ahead that took it', async () => {
        const target = fresh('vc');
        const latestEnd = T0 + 2 * MINUTE;
        const take = (holder: string, endsAt: number) =>
          state.runs.acquireLease('services', target, { holder, endsAt, latestEnd }, o);
        expect(await take('one', latestEnd)).toBe('acquired');
        expect(await take('two', T0 + MINUTE)).toEqual({ heldBy: 'one', endsAt: latestEnd });
        expect(await take('one', latestEnd + 1)).toBe('acquired');
        expect(await take('two', T0 + MINUTE)).toBe('acquired');
        expect(await state.runs.confirmLease('services', target, 'one', o)).toBe(false);
      });

      it('stays what it was when confirmed, and is prolonged by its holder only', async () => {
        const target = fresh('vc');
        await state.runs.acquireLease('services', target, lease('one', T0 + MINUTE), o);
        expect(await state.runs.confirmLease('services', target, 'one', o)).toBe(true);
        expect(await state.runs.acquireLease('services', target, lease('two', T0 + 9 * MINUTE), o)).toEqual({
          heldBy: 'one',
          endsAt: T0 + MINUTE,
        });
        expect(await state.runs.acquireLease('services', target, lease('one', T0 + 2 * MINUTE), o)).toBe(
          'acquired',
        );
        expect(await state.runs.acquireLease('services', target, lease('two', T0 + 9 * MINUTE), o)).toEqual({
          heldBy: 'one',
          endsAt: T0 + 2 * MINUTE,
        });
      });

      it('ends later when it is confirmed with another end, also past its own, and by its holder only', async () => {
        const target = fresh('vc');
        await state.runs.acquireLease('services', target, lease('one', T0 + MINUTE), o);
        now = T0 + 2 * MINUTE;
        const until = { ...o, endsAt: T0 + 3 * MINUTE };
        expect(await state.runs.confirmLease('services', target, 'two', until)).toBe(false);
        expect(await state.runs.confirmLease('services', target, 'one', until)).toBe(true);
        expect(await state.runs.readLease('services', target, o)).toEqual({
          holder: 'one',
          endsAt: T0 + 3 * MINUTE,
        });
      });

      it('can be read, also after its end, until it is given back', async () => {
        const target = fresh('vc');
        const read = () => state.runs.readLease('services', target, o);
        expect(await read()).toBeUndefined();
        await state.runs.acquireLease('services', target, lease('one', T0 + MINUTE), o);
        now += 2 * MINUTE;
        expect(await read()).toEqual({ holder: 'one', endsAt: T0 + MINUTE });
        await state.runs.releaseLease('services', target, 'one', o);
        expect(await read()).toBeUndefined();
      });

      it('is given back by its holder and by nobody else', async () => {
        const target = fresh('vc');
        await state.runs.acquireLease('services', target, lease('one', T0 + MINUTE), o);
        await state.runs.releaseLease('services', target, 'two', o);
        expect(await state.runs.confirmLease('services', target, 'one', o)).toBe(true);
        await state.runs.releaseLease('services', target, 'one', o);
        await state.runs.releaseLease('services', target, 'one', o);
        expect(await state.runs.confirmLease('services', target, 'one', o)).toBe(false);
        expect(await state.runs.acquireLease('services', target, lease('two', T0 + MINUTE), o)).toBe(
          'acquired',
        );
      });

      it('is one for each sweep and target, whatever characters their names have', async () => {
        const target = fresh('vc');
        const pairs = [
          ['a#b', target],
          ['a', `b#${target}`],
          ['a%23b', target],
        ] as const;
        for (const [sweep, onTarget] of pairs) {
          expect(await state.runs.acquireLease(sweep, onTarget, lease(sweep, T0 + MINUTE), o)).toBe(
            'acquired',
          );
        }
      });
    });

    describe('last runs', () => {
      const last = { scheduledAt: T0, startedAt: T0 + 3, endedAt: T0 + 900, exitCode: 3 };

      it('are kept with their outcomes and replaced by the next', async () => {
        const target = fresh('vc');
        expect(await state.runs.readLast('services', target, o)).toBeUndefined();
        const outcomes = Object.fromEntries(
          Array.from({ length: 10_000 }, (_, n) => [`host-${n} ssh`, n % 9 === 0 ? 'failed(auth)' : 'ok']),
        );
        await state.runs.writeLast('services', target, { ...last, lastSuccessAt: T0, outcomes }, o);
        expect(await state.runs.readLast('services', target, o)).toEqual({
          ...last,
          lastSuccessAt: T0,
          outcomes,
        });
        await state.runs.writeLast('services', target, { ...last, exitCode: 1 }, o);
        expect(await state.runs.readLast('services', target, o)).toEqual({ ...last, exitCode: 1 });
      });

      it('are kept without outcomes that do not fit into one item', async () => {
        const target = fresh('vc');
        const outcomes = Object.fromEntries(Array.from({ length: 60_000 }, (_, n) => [noise(n), noise(-n)]));
        await state.runs.writeLast('services', target, { ...last, outcomes }, o);
        expect(await state.runs.readLast('services', target, o)).toEqual(last);
      });
    });

    describe('host lists', () => {
      const hostSchema = z.array(z.object({ moref: z.string(), name: z.string(), note: z.string() }));
      const listOf = (hosts: number, salt: number) =>
        Array.from({ length: hosts }, (_, n) => ({
          moref: `host-${n}`,
          name: `esx${n}.example.org`,
          note: [1, 2, 3].map((part) => noise(n * 31 + salt + part / 8)).join(''),
        }));

      it('come back whole with 10,000 hosts, replaced by the next list', async () => {
        const target = fresh('vc');
        expect(await state.hostLists.read(target, hostSchema, o)).toBeUndefined();
        const [old, young] = [listOf(10_000, 1), listOf(9_999, 2)];
        await state.hostLists.write(target, old, o);
        expect(await state.hostLists.read(target, hostSchema, o)).toEqual({ listedAt: T0, hosts: old });
        now += MINUTE;
        const items = await countItems(`target#${target}`);
        await state.hostLists.write(target, young, o);
        expect(await state.hostLists.read(target, hostSchema, o)).toEqual({ listedAt: now, hosts: young });
        expect(items).toBeGreaterThan(2);
        expect(await countItems(`target#${target}`)).toBe(items);
      });

      it('that are the same as they were read get another time, and no chunk is written', async () => {
        const target = fresh('vc');
        const list = listOf(3_000, 1);
        const items = () => queryItems(`target#${target}`);
        const keys = async () => (await items()).map(({ sk }) => sk);
        await state.hostLists.write(target, list, o);
        const before = await keys();
        const another = createState({ table: opened.table, ...sealed, clock });
        for (const { hostLists } of [state, another]) {
          now += MINUTE;
          await hostLists.read(target, hostSchema, o);
          await hostLists.write(target, list, o);
          expect(await another.hostLists.read(target, hostSchema, o)).toEqual({ listedAt: now, hosts: list });
          expect(await keys()).toEqual(before);
        }
        await another.hostLists.write(target, listOf(3_000, 2), o);
        // What this process knew is there no more.
        await state.hostLists.write(target, list, o);
        expect(await another.hostLists.read(target, hostSchema, o)).toEqual({ listedAt: now, hosts: list });
        expect(await keys()).toHaveLength(before.length);
      });

      it('that were damaged are written anew by who could not read them', async () => {
        const target = fresh('vc');
        const list = listOf(100, 1);
        await state.hostLists.write(target, list, o);
        const [, { sk } = { sk: '' }] = await queryItems(`target#${target}`);
        const damaged = {
          pk: `target#${target}`,
          sk,
          generation: 'x',
          writtenAt: T0,
          bytes: new Uint8Array(10),
        };
        await opened.table.replace(damaged, o);
        await expect(state.hostLists.read(target, hostSchema, o)).rejects.toMatchObject({
          code: 'malformed',
        });
        await state.hostLists.write(target, list, o);
        expect(await state.hostLists.read(target, hostSchema, o)).toEqual({ listedAt: T0, hosts: list });
      });

      it("are one writer's, whole, after ten writers at once", async () => {
        const target = fresh('vc');
        const lists = Array.from({ length: 10 }, (_, n) => listOf(6_000, n));
        await Promise.all(lists.map((list) => state.hostLists.write(target, list, o)));
        const read = await state.hostLists.read(target, hostSchema, o);
        expect(lists).toContainEqual(read?.hosts);
      });

      it('may be empty', async () => {
        const target = fresh('vc');
        await state.hostLists.write(target, [], o);
        expect(await state.hostLists.read(target, hostSchema, o)).toEqual({ listedAt: T0, hosts: [] });
      });

      it('of another shape are refused by name', async () => {
        const target = fresh('vc');
        await state.hostLists.write(target, [{ moref: 'host-1' }], o);
        await expect(state.hostLists.read(target, hostSchema, o)).rejects.toMatchObject({
          name: 'StateError',
          code: 'malformed',
          message: expect.stringContaining(`pk="target#${target}" sk="hosts"`),
        });
      });
    });

    describe('rolls', () => {
      it('come back as they were written, with what is known to be nothing, beside the list of the target', async () => {
        const target = fresh('vc');
        expect(await state.rolls.read(target, o)).toBeUndefined();
        const roll = {
          readAt: T0 - MINUTE,
          user: 'root',
          keysChange: 'one',
          proven: new Map([
            ['esx01', 'v1'],
            ['esx02', undefined],
          ]),
          keys: new Map([['esx01:22', { type: 'ssh-rsa', blob: 'AAAA' }]]),
        };
        await state.hostLists.write(target, [], o);
        await state.rolls.write(target, roll, o);
        await state.hostLists.write(target, [1], o);
        expect(await state.rolls.read(target, o)).toEqual(roll);
        await state.rolls.write(target, { ...roll, keysChange: 'two' }, o);
        expect(await state.rolls.read(target, o)).toEqual({ ...roll, keysChange: 'two' });
      });
    });

    describe("NetBox's answers", () => {
      const devicesSchema = z.array(z.object({ id: z.int(), name: z.string() }));
      const answerOf = (devices: number, salt: number) =>
        Array.from({ length: devices }, (_, id) => ({ id, name: `${noise(id * 7 + salt)}.example.org` }));
      const keysOf = async (pk: string) => (await queryItems(pk)).map(({ sk }) => sk).sort();

      it('come back whole, replaced by the next one, apart from those to another question', async () => {
        const [hash, other] = [fresh('hash'), fresh('hash')];
        expect(await state.deviceLists.read(hash, devicesSchema, o)).toBeUndefined();
        const [old, young] = [answerOf(30_000, 1), answerOf(29_000, 2)];
        await state.deviceLists.write(hash, old, o);
        expect(await state.deviceLists.read(hash, devicesSchema, o)).toEqual({ readAt: T0, devices: old });
        now += MINUTE;
        await state.deviceLists.write(hash, young, o);
        expect(await state.deviceLists.read(hash, devicesSchema, o)).toEqual({ readAt: now, devices: young });
        const generations = (await keysOf(`netbox#${hash}`)).map((sk) => sk.split('#')[1]);
        expect(new Set(generations).size).toBe(2);
        expect(await state.deviceLists.read(other, devicesSchema, o)).toBeUndefined();
      });

      it("are one writer's, whole, after ten writers at once", async () => {
        const hash = fresh('hash');
        const answers = Array.from({ length: 10 }, (_, n) => answerOf(20_000, n));
        await Promise.all(answers.map((answer) => state.deviceLists.write(hash, answer, o)));
        expect(answers).toContainEqual((await state.deviceLists.read(hash, devicesSchema, o))?.devices);
      });

      it('outlive a writer that died between its chunks and their meta, whose chunks go later', async () => {
        const hash = fresh('hash');
        const pk = `netbox#${hash}`;
        await state.deviceLists.write(hash, answerOf(3, 1), o);
        const dead = {
          pk,
          sk: 'chunk#dead#0000',
          generation: 'dead',
          writtenAt: now,
          bytes: Buffer.from('x'),
        };
        await opened.table.replace(dead, o);
        expect(await state.deviceLists.read(hash, devicesSchema, o)).toMatchObject({
          devices: answerOf(3, 1),
        });
        now += MINUTE;
        await state.deviceLists.write(hash, answerOf(3, 2), o);
        expect(await keysOf(pk)).toContain('chunk#dead#0000');
        now += 61 * MINUTE;
        await state.deviceLists.write(hash, answerOf(3, 3), o);
        expect(await keysOf(pk)).toEqual([expect.stringMatching(/^chunk#(?!dead)/), 'meta']);
      });
    });

    const queryItems = (pk: string) => opened.table.query({ pk, only: ['sk'] }, o);
    const countItems = async (pk: string) => (await queryItems(pk)).length;

    describe('lists of series', () => {
      const listSchema = z.array(z.string());

      it('come back whole, apart from those of other groups, and leave nothing when they are removed', async () => {
        const [group, other] = [
          { job: fresh('job'), instance: 'vc#01' },
          { job: fresh('job'), instance: 'vc02' },
        ];
        const list = Array.from({ length: 30_000 }, (_, index) => noise(index));
        await state.seriesLists.write(group, list, o);
        await state.seriesLists.write(other, ['a'], o);
        expect(await state.seriesLists.read(group, listSchema, o)).toEqual(list);
        await state.seriesLists.remove(group, o);
        await state.seriesLists.remove(group, o);
        expect(await state.seriesLists.read(group, listSchema, o)).toBeUndefined();
        expect(await countItems(`series#${group.job}#vc%2301`)).toBe(0);
        expect(await state.seriesLists.read(other, listSchema, o)).toEqual(['a']);
      });
    });

    describe('groups', () => {
      it('are recorded once and removed one by one', async () => {
        const [job, instance] = [fresh('job#1'), 'vc01.example.org'];
        const ours = async () => (await state.groups.readAll(o)).filter((group) => group.job === job);
        await state.groups.record({ job, instance }, o);
        await state.groups.record({ job, instance }, o);
        await state.groups.record({ job, instance: 'vc02.example.org' }, o);
        expect(await ours()).toEqual([
          { job, instance },
          { job, instance: 'vc02.example.org' },
        ]);
        await state.groups.remove({ job, instance }, o);
        await state.groups.remove({ job, instance }, o);
        expect(await ours()).toEqual([{ job, instance: 'vc02.example.org' }]);
      });

      it('keep their split and parts when they are recorded again, and are not divided when they are new', async () => {
        const group = { job: fresh('job#2'), instance: 'vc01' };
        expect(await state.groups.read(group, o)).toBeUndefined();
        expect(await state.groups.record(group, o)).toBeUndefined();
        expect(await state.groups.read(group, o)).toBeUndefined();
        await state.groups.change(group, { split: 2, parts: ['', '0', '1'] }, o);
        expect(await state.groups.record(group, o)).toEqual({ split: 2, parts: ['', '0', '1'] });
        expect(await state.groups.read(group, o)).toEqual({ split: 2, parts: ['', '0', '1'] });
        await state.groups.remove(group, o);
        expect(await state.groups.read(group, o)).toBeUndefined();
      });
    });

    it('gives the reason of the signal after an abort', async () => {
      const reason = new Error('enough');
      const aborted = { signal: AbortSignal.abort(reason) };
      await expect(state.accounts.readAll('root', aborted)).rejects.toBe(reason);
      await expect(state.groups.record({ job: 'job', instance: 'instance' }, aborted)).rejects.toBe(reason);
      await expect(
        state.hostKeys.pin('esx01:22', { key: { type: 't', blob: '' }, target: 'vc' }, aborted),
      ).rejects.toBe(reason);
    });
  });
}

/** 40 characters that do not compress, the same for the same number. */
function noise(seed: number): string {
  let value = (seed * 2_654_435_768) >>> 0;
  return Array.from({ length: 5 }, () => {
    value = (Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return value.toString(16).padStart(8, '0');
  }).join('');
}

async function inTurns(count: number, width: number, work: (n: number) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < count; start += width) {
    await Promise.all(Array.from({ length: Math.min(width, count - start) }, (_, n) => work(start + n)));
  }
}
