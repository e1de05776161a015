import { globSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENV } from '../../../lib/config/env.ts';
import { planRunTimes } from '../../../lib/config/run-times.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import type { ItemKey } from '../../../lib/state/item.ts';
import type { Table } from '../../../lib/state/port.ts';
import { createState } from '../../../lib/state/state.ts';
import { LEVELS } from '../../../tools/layout/rooms.ts';
import { blocksOf, codeOf, sectionOf, tableRows } from './pages.ts';

const PAGE = 'docs/architecture.md';
const FUNCTION_FOLDERS = globSync('functions/*/handler.ts', {
  cwd: resolve(import.meta.dirname, '../../..'),
}).map(dirname);

describe(PAGE, () => {
  it.each([PAGE, 'CONTRIBUTING.md'])('draws the rooms as the check of imports has them: %s', (page) => {
    const drawn = LEVELS.map((rooms) => `${rooms.join(', ')}\n`).join('');
    expect(blocksOf(page).map(({ text }) => text)).toContain(drawn);
  });

  it('says of every folder of the sweep what it does', () => {
    const described = tableRows(sectionOf(PAGE, 'Rooms')).map(
      ([link = '']) => /sweep\/([^)]*)/.exec(link)?.[1],
    );
    const files = globSync('lib/sweep/*/*.ts', { cwd: resolve(import.meta.dirname, '../../..') });
    expect(files).not.toEqual([]);
    for (const file of files) expect(described).toContain(file.split('/')[2]);
  });

  it('shows every function and every variable of its environment beside the wiring of one machine', () => {
    const wirings = tableRows(sectionOf(PAGE, 'Two wirings'));
    const inAws = wirings.map(([, , aws]) => aws).join('\n');
    expect(FUNCTION_FOLDERS).not.toEqual([]);
    for (const name of [...FUNCTION_FOLDERS, ...Object.values(ENV)]) expect(inAws).toContain(`\`${name}\``);
    const empty = wirings.filter((cells) => cells.length !== 3 || cells.includes(''));
    expect(empty).toEqual([]);
  });

  it('works out the times of a run as the code does', () => {
    const rows = tableRows(sectionOf(PAGE, 'Time'));
    expect(rows.map(([name]) => codeOf(name))).toEqual([
      'listEnd',
      'workerEnd',
      'collectEnd',
      'runEnd',
      'leaseEnd',
    ]);
    const intervals = [15_000, 60_000, 300_000].map((everyMs) => planRunTimes({ start: 0, everyMs }));
    for (const [name, _meaning, ...seconds] of rows) {
      const key = codeOf(name) as keyof ReturnType<typeof planRunTimes>;
      expect(seconds, key).toEqual(intervals.map((times) => (times[key] / 1_000).toFixed(2)));
    }
  });

  it('names the keys of the state table as they are written', async () => {
    const documented = tableRows(sectionOf(PAGE, 'State')).flatMap(([pk, sks = '']) =>
      Array.from(sks.matchAll(/`([^`]+)`/g), ([, sk]) => `${codeOf(pk)} / ${sk}`),
    );
    expect(documented.toSorted()).toEqual(Array.from(await writtenKeys()).toSorted());
  });
});

/** The keys of everything that the stores write when names are what the page writes for them. */
async function writtenKeys(): Promise<Set<string>> {
  const keys = new Set<string>();
  const note = ({ pk, sk }: { pk: string; sk: string }) =>
    keys.add(
      `${pk} / ${sk
        .replace(/^hosts#[^#]+#\d+$/, 'hosts#<generation>#<n>')
        .replace(/^roll#[^#]+#\d+$/, 'roll#<generation>#<n>')
        .replace(/^chunk#[^#]+#\d+$/, 'chunk#<generation>#<n>')
        .replace(/^<runId>#\d+$/, '<runId>#<batch>')}`,
    );
  const state = createState({ table: notingTable(note), clock: systemClock });
  const options = new AbortController();
  const version = { version: 'v1' };
  const key = { type: 'ssh-rsa', blob: 'AAAA' };
  const times = { scheduledAt: 1, startedAt: 1, endedAt: 1, exitCode: 0 };
  // Answers are empty, so that what follows a write may fail: the keys are written by then.
  await Promise.allSettled([
    state.accounts.recordRefusal('<user>', '<address>', version, options),
    state.accounts.recordSuccess('<user>', '<address>', version, options),
    state.stamps.renew('hostkeys', options),
    state.stamps.renew('addresses', options),
    state.rolls.write(
      '<target>',
      { readAt: 1, user: 'a', keysChange: '', proven: new Map(), keys: new Map() },
      options,
    ),
    state.hostKeys.pin('<address>:<port>', { key, target: '' }, options),
    state.runs.acquireLease('<sweep>', '<target>', { holder: 'a', endsAt: 1 }, options),
    state.runs.writeLast('<sweep>', '<target>', times, options),
    state.eventTallies.write(
      '<sweep>',
      '<target>',
      { tally: { at: 1, from: 1, totals: {}, seen: [] }, over: undefined, runId: 'a' },
      options,
    ),
    state.fills.plan(
      { sweep: '<sweep>', target: '<target>', sink: '<sink>' },
      { plan: { batches: [], again: 0, kept: [], newest: 1, series: 1 }, over: undefined, runId: 'a' },
      options,
    ),
    state.hostLists.write('<target>', [], options),
    state.deviceLists.write('<hash>', [], options),
    state.claims.take({ target: '<target>', runId: '<runId>', batch: 7, until: 1 }, options),
    state.groups.record({ job: '<job>', instance: '<instance>' }, options),
    state.seriesLists.write({ job: '<job>', instance: '<instance>' }, [], options),
    state.credentialStates.replace({ id: '<id>' }, { state: { id: '<id>' }, revision: 0 }, options),
    state.flights.begin(
      '<sweep>',
      '<target>',
      { id: '<id>', batch: 7, user: 'a', version: 'v1', addresses: [], unproven: [] },
      options,
    ),
  ]);
  return keys;
}

/** A table that holds nothing, and of which only the keys of what is written matter. */
function notingTable(note: (key: ItemKey) => void): Table {
  const noted =
    <T>(answer: T) =>
    async (key: ItemKey): Promise<T> => {
      note(key);
      return answer;
    };
  return {
    generation: 0,
    get: async () => undefined,
    getAll: async () => [],
    query: async () => [],
    replace: noted(undefined),
    putIf: async (_condition, item) => noted(true)(item),
    update: async (key) => noted({ ...key })(key),
    updateIf: async (_condition, key) => noted({ ...key })(key),
    deleteIf: async (_condition, key) => noted(true)(key),
    async writeAll(writes) {
      for (const write of writes) note('put' in write ? write.put : write.delete);
    },
  };
}
