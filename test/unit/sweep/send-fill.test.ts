import { describe, expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import { PushError } from '../../../lib/sinks/http/errors.ts';
import type { PartlyTaken, RunSeries, Sink } from '../../../lib/sinks/sink.ts';
import type { Table } from '../../../lib/state/port.ts';
import { createFillStore } from '../../../lib/state/stores/fills.ts';
import type { TargetOrder } from '../../../lib/sweep/dispatch/target-order.ts';
import { toParts } from '../../../lib/sweep/fill/delivered-parts.ts';
import { type Fill, readFill, sayCut, withSamples } from '../../../lib/sweep/fill/fill.ts';
import { deliver } from '../../../lib/sweep/result/deliver.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const STEP = 20_000;
const NOW = Date.UTC(2026, 0, 1, 12);
const running = { signal: new AbortController().signal, holdsLease: async () => true };
const refusal = (status: number) => new PushError('no', { code: 'inconsistent', status });
const ORDER = {
  runId: 'run-1',
  sweep: { name: 'performance', samples: 'all', collectors: ['host-performance'] },
  target: { name: 'vc01' },
} as unknown as TargetOrder;

interface Taken {
  readonly host: string;
  readonly timeMs: number | undefined;
}
const takenOf = ({ families }: RunSeries): Taken[] =>
  families.flatMap(({ samples }) =>
    Array.from(samples, ({ labels: [host = ''], timeMs }) => ({ host, timeMs })),
  );

/** Nine samples of each host, and one series without times. */
function familiesOf(hosts: readonly string[], now = NOW): Family[] {
  const rows = hosts.flatMap((host) =>
    Array.from({ length: 9 }, (_, index) => ({ host, timeMs: now - (8 - index) * STEP })),
  );
  return [
    {
      definition: { name: 'vmware_host_cpu', help: 'x', labels: ['host_name'] },
      samples: rows.map(({ host, timeMs }) => ({
        metric: 'vmware_host_cpu',
        labels: [host],
        value: timeMs,
        timeMs,
      })),
      sources: rows.map(({ host }) => host),
      isTimed: true,
    },
    {
      definition: { name: 'vsweep_target_up', help: 'x', labels: [] },
      samples: [{ metric: 'vsweep_target_up', labels: [], value: 1 }],
    },
  ];
}

/** A sink with times and one without; `refuses` is asked of each request. */
function createPeers(
  refuses: (samples: readonly Taken[]) => Error | PartlyTaken | undefined = () => undefined,
  maxSamples = 1_000,
) {
  const taken: Taken[] = [];
  const plain: Record<string, Taken[]> = {};
  let requests = 0;
  const noted =
    (name: string): Sink['deliver'] =>
    async (series) => {
      plain[name] = takenOf(series);
      return 'delivered';
    };
  const timed: Sink = {
    name: 'timed',
    deliver: noted('timed'),
    forget: async () => false,
    timed: {
      maxAgeMs: 3_600_000,
      maxSamples,
      async append(series) {
        requests += 1;
        const samples = takenOf(series);
        const error = refuses(samples);
        if (error instanceof Error) throw error;
        taken.push(...samples.slice(error?.refused ?? 0));
        return error ?? 'delivered';
      },
    },
  };
  const other: Sink = { name: 'other', deliver: noted('other'), forget: async () => false };
  return { sinks: [timed, other], taken, plain, requests: () => requests };
}

async function runWith(
  { sinks }: { sinks: readonly Sink[] },
  {
    families,
    table,
    now = NOW,
    isHeld = true,
  }: { families: readonly Family[]; table: Table; now?: number; isHeld?: boolean },
) {
  const holding = { ...running, holdsLease: async () => isHeld };
  const fills = createFillStore({ table });
  const fill = await readFill(ORDER, { sinks, fills }, running);
  const series = { group: { job: 'j', instance: 'vc01' }, families, validUntil: 0 };
  const listed = { list: undefined };
  const parts = fill && toParts(ORDER, { series, fill, listed }, { fills, clock: { now: () => now } });
  const { deliveries, problems } = await deliver(series, { sinks, parts }, holding);
  return { fill, deliveries, problems };
}

/** A state in which each host has all samples up to nine steps ago. */
async function begun(hosts: readonly string[]): Promise<Table> {
  const table = createMemoryTable();
  await runWith(createPeers(), { families: familiesOf(hosts, NOW - 9 * STEP), table, now: NOW - 9 * STEP });
  return table;
}

describe('samples with times', () => {
  it('are in no series of a sink that takes them but those appended, and the newest ones of any other', async () => {
    const peers = createPeers();
    const { deliveries } = await runWith(peers, {
      families: familiesOf(['host-1', 'host-2']),
      table: await begun(['host-1', 'host-2']),
    });
    expect(peers.plain['timed']).toEqual([{ host: '', timeMs: undefined }]);
    expect(peers.plain['other']).toEqual([
      { host: 'host-1', timeMs: NOW },
      { host: 'host-2', timeMs: NOW },
      { host: '', timeMs: undefined },
    ]);
    expect(peers.taken).toHaveLength(18);
    expect(deliveries).toEqual([
      {
        sink: 'timed',
        outcome: 'delivered',
        filled: { sent: 18, dropped: { old: 0, ahead: 0, refused: 0 } },
      },
      { sink: 'other', outcome: 'delivered' },
    ]);
  });

  it.each([400, 413, 422])(
    'that a sink refuses with %i are left out, down to the single one, and reported',
    async (status) => {
      const hosts = Array.from({ length: 8 }, (_, index) => `host-${index}`);
      const isBad = ({ host, timeMs = 0 }: Taken) => host === 'host-5' && timeMs <= NOW - 6 * STEP;
      const peers = createPeers((samples) => (samples.some(isBad) ? refusal(status) : undefined));
      const { deliveries, problems } = await runWith(peers, {
        families: familiesOf(hosts),
        table: await begun(hosts),
      });
      expect(peers.taken).toHaveLength(8 * 9 - 3);
      expect(deliveries[0]).toMatchObject({
        outcome: 'delivered',
        filled: { sent: 69, dropped: { refused: 3 } },
      });
      expect(problems).toEqual([
        expect.stringMatching(/^timed: 3 samples of counters were refused and left out/),
      ]);
    },
  );

  it('of a run whose lease is lost are neither planned nor sent, and left to the run that has it', async () => {
    const table = await begun(['host-1']);
    const late = createPeers();
    const families = familiesOf(['host-1']);
    const { deliveries } = await runWith(late, { families, table, isHeld: false });
    expect({ taken: late.taken, outcome: deliveries[0]?.outcome }).toEqual({
      taken: [],
      outcome: 'lease-lost',
    });
    const other = createPeers();
    await runWith(other, { families, table });
    expect(other.taken).toHaveLength(9);
  });

  it('of a sink that refuses everything are kept for the next run', async () => {
    const table = await begun(['host-1']);
    const away = createPeers(() => refusal(400));
    const failed = await runWith(away, { families: familiesOf(['host-1']), table });
    expect(failed.deliveries[0]).toEqual({
      sink: 'timed',
      outcome: 'failed',
      filled: { sent: 0, dropped: { old: 0, ahead: 0, refused: 0 } },
    });
    const back = createPeers();
    await runWith(back, { families: familiesOf(['host-1']), table });
    expect(back.taken).toHaveLength(9);
  });

  it.each([
    ['is down', new PushError('down', { code: 'network' })],
    ['refuses the credential', new PushError('no', { code: 'credentials', status: 401 })],
  ])('of a sink that %s are sent by the next run, and nothing is halved', async (_what, error) => {
    const table = await begun(['host-1', 'host-2']);
    const away = createPeers(() => error);
    const { deliveries, problems } = await runWith(away, {
      families: familiesOf(['host-1', 'host-2']),
      table,
    });
    expect(away.requests()).toBe(1);
    expect(deliveries).toEqual([
      {
        sink: 'timed',
        outcome: 'failed',
        filled: { sent: 0, dropped: { old: 0, ahead: 0, refused: 0 } },
      },
      { sink: 'other', outcome: 'delivered' },
    ]);
    expect(problems).toEqual([`timed: ${error.message}`]);
    const back = createPeers();
    await runWith(back, { families: familiesOf(['host-1', 'host-2']), table });
    expect(back.taken).toHaveLength(18);
  });

  it('are sent to nobody while the state cannot be read or written, and a sink without times has the newest', async () => {
    const table = await begun(['host-1']);
    const fails = async () => {
      throw new Error('the table is away');
    };
    for (const broken of [
      { ...table, get: fails },
      { ...table, putIf: fails },
    ]) {
      const peers = createPeers();
      const { fill, problems } = await runWith(peers, { families: familiesOf(['host-1']), table: broken });
      expect([...(fill?.problems ?? []), ...problems]).toEqual([
        expect.stringMatching(/^timed: .*the table is away/),
      ]);
      expect(peers.taken).toEqual([]);
      expect(peers.plain['other']?.[0]).toEqual({ host: 'host-1', timeMs: NOW });
    }
    const back = createPeers();
    await runWith(back, { families: familiesOf(['host-1']), table });
    expect(back.taken).toHaveLength(9);
  });

  it('begin anew, once, where the progress of their sink is damaged', async () => {
    const table = await begun(['host-1']);
    const key = { pk: 'run#performance#vc01', sk: 'fill#timed' };
    const there = await table.get(key, running);
    await table.replace({ ...key, ...there, packed: new Uint8Array([1]) }, running);
    const peers = createPeers();
    const { fill } = await runWith(peers, { families: familiesOf(['host-1']), table });
    expect(fill?.problems).toEqual([
      expect.stringMatching(/^timed: nothing is filled in by this run.*fill#timed/),
    ]);
    expect(peers.taken).toEqual([{ host: 'host-1', timeMs: NOW }]);
    const now = NOW + 9 * STEP;
    const next = await runWith(peers, { families: familiesOf(['host-1'], now), table, now });
    expect([next.fill?.problems, next.problems]).toEqual([[], []]);
    expect(peers.taken).toHaveLength(10);
  });

  it('that a sink took in part are not sent again, and the others are counted', async () => {
    const hosts = ['host-1', 'host-2'];
    const why = new PushError('3 of 18 samples were not taken', { code: 'rejected' });
    const peers = createPeers(() => ({ refused: 3, why }));
    const { deliveries } = await runWith(peers, { families: familiesOf(hosts), table: await begun(hosts) });
    expect(peers.requests()).toBe(1);
    expect(deliveries[0]).toMatchObject({
      outcome: 'delivered',
      filled: { sent: 15, dropped: { refused: 3 } },
    });
  });

  it('of which a sink takes none, one by one, are kept for the next run', async () => {
    const table = await begun(['host-1']);
    const why = new PushError('none of 9 samples was taken', { code: 'rejected' });
    const none = createPeers((samples) => ({ refused: samples.length, why }));
    const { deliveries, problems } = await runWith(none, { families: familiesOf(['host-1']), table });
    expect(deliveries[0]).toMatchObject({ outcome: 'failed', filled: { sent: 0, dropped: { refused: 0 } } });
    expect(problems).toEqual([`timed: ${why.message}`]);
    const back = createPeers();
    await runWith(back, { families: familiesOf(['host-1']), table });
    expect(back.taken).toHaveLength(9);
  });

  it('are counted as far as they came when the sink fails in the middle', async () => {
    const hosts = ['host-1', 'host-2', 'host-3'];
    const isBad = ({ host, timeMs = 0 }: Taken) => host === 'host-2' && timeMs === NOW;
    const peers = createPeers((samples) => {
      if (samples.some(({ host }) => host === 'host-3')) return new PushError('down', { code: 'network' });
      return samples.some(isBad) ? refusal(400) : undefined;
    }, 9);
    const { deliveries, problems } = await runWith(peers, {
      families: familiesOf(hosts),
      table: await begun(hosts),
    });
    expect(deliveries[0]).toEqual({
      sink: 'timed',
      outcome: 'failed',
      filled: { sent: 17, dropped: { old: 0, ahead: 0, refused: 1 } },
    });
    expect(problems).toEqual([
      expect.stringMatching(/^timed: down; 1 samples of counters were refused and left out/),
    ]);
  });

  it('are sent although the sink refuses one of the other series, which is told', async () => {
    const table = await begun(['host-1']);
    const peers = createPeers();
    const [timed, ...others] = peers.sinks as [Sink, ...Sink[]];
    const refused = new PushError('1 of 60 requests was refused', { code: 'inconsistent', status: 400 });
    const failing = (error: Error): Sink => ({ ...timed, deliver: () => Promise.reject(error) });
    const away = new PushError('down', { code: 'network' });
    const none = await runWith(
      { sinks: [failing(away), ...others] },
      { families: familiesOf(['host-1']), table },
    );
    expect(none.deliveries[0]).toEqual({ sink: 'timed', outcome: 'failed' });
    expect(peers.taken).toEqual([]);
    const some = await runWith(
      { sinks: [failing(refused), ...others] },
      { families: familiesOf(['host-1']), table },
    );
    expect(peers.taken).toHaveLength(9);
    expect(some.deliveries[0]).toMatchObject({ outcome: 'failed', filled: { sent: 9 } });
    expect(some.problems).toEqual([`timed: ${refused.message}`]);
  });

  describe('whose last request may have been taken', () => {
    const hosts = Array.from({ length: 300 }, (_, index) => `host-${index}`);
    const later = (minutes: number) => NOW + minutes * 60_000;
    const isOlder = (than: number) => (samples: readonly Taken[]) =>
      samples.some(({ timeMs = 0 }) => timeMs <= than) ? refusal(400) : undefined;
    /** A state after a run whose first request, of all the hosts, had no answer. */
    async function unanswered(): Promise<Table> {
      const table = await begun(hosts);
      const away = createPeers(() => new PushError('no answer', { code: 'network' }), 5_000);
      await runWith(away, { families: familiesOf(hosts), table });
      return table;
    }

    it('come in full although every object of that request is refused', async () => {
      const peers = createPeers(isOlder(NOW), 5_000);
      const { deliveries } = await runWith(peers, {
        families: [...familiesOf(hosts), ...familiesOf(hosts, later(3))].slice(0, 3),
        table: await unanswered(),
        now: later(3),
      });
      expect(deliveries[0]).toMatchObject({ outcome: 'delivered', filled: { sent: 2_700 } });
      expect(peers.taken).toHaveLength(2_700);
    });

    it('go on in the next run after one that ended with too many refusals', async () => {
      const table = await unanswered();
      const most = createPeers(isOlder(later(3) - STEP), 5_000);
      const few = await runWith(most, { families: familiesOf(hosts, later(3)), table, now: later(3) });
      expect(few.deliveries[0]).toMatchObject({ outcome: 'failed' });
      expect(most.taken.length).toBeGreaterThan(0);
      const peers = createPeers(isOlder(later(3)), 5_000);
      const families = [...familiesOf(hosts, later(3)), ...familiesOf(hosts, later(6))].slice(0, 3);
      const { deliveries } = await runWith(peers, { families, table, now: later(6) });
      expect(deliveries[0]).toMatchObject({ outcome: 'delivered' });
      expect(peers.taken).toHaveLength(2_700);
    });
  });

  it('that may have landed with a lost answer are halved by objects, and refused ones are taken to be there', async () => {
    const hosts = Array.from({ length: 8 }, (_, index) => `host-${index}`);
    const lost = new PushError('too old', { code: 'inconsistent', status: 400, mayBeThere: true });
    const peers = createPeers((samples) => {
      if (samples.length === 72) return lost;
      return samples.some(({ host }) => host === 'host-5') ? refusal(400) : undefined;
    });
    const { deliveries, problems } = await runWith(peers, {
      families: familiesOf(hosts),
      table: await begun(hosts),
    });
    expect(deliveries[0]).toMatchObject({
      outcome: 'delivered',
      filled: { sent: 63, dropped: { refused: 0 } },
    });
    expect(problems).toEqual([]);
    expect(peers.requests()).toBe(1 + 2 + 2 + 2);
  });

  it('are not wanted by a sweep that wants the newest, nor without a sink that takes them', async () => {
    const fills = createFillStore({ table: createMemoryTable() });
    const { sinks } = createPeers();
    const newest = { ...ORDER, sweep: { ...ORDER.sweep, samples: 'newest' as const } };
    expect(await readFill(newest, { sinks, fills }, running)).toBeUndefined();
    expect(await readFill(ORDER, { sinks: sinks.slice(1), fills }, running)).toBeUndefined();
  });
});

describe('what is read for them', () => {
  const hostsOf = (count: number) =>
    Array.from({ length: count }, (_, index): [string, string] => ['HostSystem', `host-${index}`]);
  const fillOf = (
    fromMs: number,
    hosts: readonly (readonly [string, string])[],
    maxAgeMs = 3_600_000,
  ): Fill => ({
    problems: [],
    sinks: [
      {
        over: undefined,
        progress: {
          cursors: new Map(hosts.map(([, moref]) => [moref, { from: fromMs }])),
          newest: fromMs,
          series: 38,
        },
        sink: {
          ...(createPeers().sinks[0] as Fill['sinks'][number]['sink']),
          timed: { maxAgeMs, maxSamples: 1, append: async () => 'delivered' },
        },
      },
    ],
  });
  const read = (count: number, ageMs: number, maxAgeMs?: number) => {
    const items = hostsOf(count);
    const fill = fillOf(NOW - ageMs, items, maxAgeMs);
    const { wanted, cut } = withSamples(
      [
        { kind: 'host', items },
        { kind: 'datastore', items: [['Datastore', 'datastore-1']] },
      ],
      fill,
      { sweep: ORDER.sweep, now: NOW },
    );
    const [hosts, datastores] = wanted;
    expect(datastores).not.toHaveProperty('since');
    return { since: hosts?.since?.get('host-7'), slice: hosts?.slice, cut };
  };

  it('begins where the sink that has least of an object left off, an hour or its own limit ago at most', () => {
    expect(read(100, 180_000)).toMatchObject({ since: NOW - 180_000, cut: 0 });
    expect(read(100, 7_200_000)).toMatchObject({ since: NOW - 3_600_000, cut: 0 });
    expect(read(100, 7_200_000, 600_000)).toMatchObject({ since: NOW - 600_000, cut: 0 });
  });

  it('is what a run can hold, the newest of it, in batches of a size that a worker can answer', () => {
    expect(read(1_000, 180_000).slice).toBe(500);
    const hour = read(1_000, 3_600_000);
    expect(hour.cut).toBe(1_000);
    expect(hour.since).toBe(NOW - Math.floor(1_200_000 / 38_000) * STEP);
    expect(sayCut(hour.cut)).toEqual([expect.stringMatching(/^1000 objects have more samples/)]);
    expect(sayCut(0)).toEqual([]);
  });

  it('is the newest sample alone before the first run', () => {
    const items = hostsOf(8);
    const [sink] = fillOf(0, []).sinks;
    const fill = {
      problems: [],
      sinks: [
        {
          ...(sink as Fill['sinks'][number]),
          progress: { cursors: new Map(), newest: undefined, series: undefined },
        },
      ],
    };
    const { wanted } = withSamples([{ kind: 'host', items }], fill, { sweep: ORDER.sweep, now: NOW });
    expect(wanted[0]?.since?.get('host-7')).toBe(Number.MAX_SAFE_INTEGER);
  });
});
