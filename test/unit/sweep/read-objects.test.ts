import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import type { Reader } from '../../../lib/readers/reader.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { WorkerSession } from '../../../lib/sweep/sessions.ts';
import { type CloneSession, readObjects } from '../../../lib/sweep/worker/read-objects.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { NO_CONNECTION } from '../../support/no-connection.ts';
import { batchHost } from './builders.ts';

const HOSTS = [batchHost(1), batchHost(2), batchHost(3)];
const ITEMS = HOSTS.map(({ moref }): [string, string] => ['HostSystem', moref]);
const object = (value: string, properties: Record<string, string> = { name: value }): RetrievedObject => ({
  moref: { type: 'HostSystem', value },
  properties: new Map(Object.entries(properties)),
  missing: new Map(),
});

async function read(
  retrieve: WorkerSession['retrieve'],
  {
    endsAt = systemClock.now() + 10_000,
    clone,
    onValue = () => undefined,
  }: { endsAt?: number; clone?: CloneSession; onValue?: (moref: string) => void } = {},
) {
  const closed: { ms: number; at: number }[] = [];
  const opened: CloneSession = async () => ({
    retrieve,
    close: async ({ ms }) => void closed.push({ ms, at: systemClock.now() }),
    ...NO_CONNECTION,
    measurements: () => ({ calls: 2, bytes: 3, failedLogouts: closed.length }),
  });
  const { outcomes, detail, failedLogouts } = await readObjects(
    {
      ticket: 't',
      items: ITEMS,
      endsAt,
    },
    {
      clock: systemClock,
      timeline: startTimeline(systemClock),
      needs: new Map(),
      clone: clone ?? opened,
      onValue,
    },
    { signal: new AbortController().signal },
  );
  return {
    outcomes: HOSTS.map(({ moref }) => printOutcome(outcomes.get(moref) ?? { kind: 'ok' })),
    detail,
    closed,
    failedLogouts,
  };
}

describe('readObjects', () => {
  it('calls a host ok that came with its name, and unreadable one that came without or not at all', async () => {
    const { outcomes, closed } = await read(async function* () {
      yield object('host-1');
      yield object('host-2', {});
    });
    expect(outcomes).toEqual(['ok', 'failed(unreadable)', 'failed(unreadable)']);
    expect(
      closed.map(({ ms }) => ms),
      'a logout has five seconds where there is time',
    ).toEqual([5_000]);
  });

  it('tells whether the logout failed, and that none did where there was no session', async () => {
    const nothing = async function* () {};
    expect((await read(nothing)).failedLogouts).toBe(1);
    const clone = () => Promise.reject(new Error('no session'));
    expect((await read(nothing, { clone })).failedLogouts).toBe(0);
  });

  it('keeps what came before the session ended', async () => {
    const { outcomes, detail, closed } = await read(async function* () {
      yield object('host-1');
      throw new VsphereFaultError('RetrievePropertiesEx on vc01', { fault: 'NotAuthenticated', text: '' });
    });
    expect(outcomes).toEqual(['ok', 'failed(session)', 'failed(session)']);
    expect(detail).toContain('NotAuthenticated');
    expect(closed).toHaveLength(1);
  });

  it('hands on what was read of an object whose name could not be', async () => {
    const handed: string[] = [];
    await read(
      async function* () {
        yield object('host-1');
        yield object('host-2', { overallStatus: 'green' });
      },
      { onValue: (moref) => void handed.push(moref) },
    );
    expect(handed).toEqual(['host-1', 'host-2']);
  });

  it('says failed(session) when there is none, failed(target) when vCenter fails', async () => {
    const clone = () => Promise.reject(new Error('the ticket is not valid'));
    const none = await read(async function* () {}, { clone });
    expect(none.outcomes[0]).toBe('failed(session)');
    const broken = await read(async function* () {
      yield await Promise.reject(new Error('down'));
    });
    expect(broken.outcomes).toEqual(['failed(target)', 'failed(target)', 'failed(target)']);
  });

  it('stops early enough to log out before its time is over', async () => {
    const endsAt = systemClock.now() + 500;
    const { outcomes, closed } = await read(
      async function* (_query, { signal }) {
        yield object('host-1');
        await untilAborted(Promise.withResolvers<void>().promise, signal);
      },
      { endsAt },
    );
    expect(outcomes).toEqual(['ok', 'failed(deadline)', 'failed(deadline)']);
    expect(closed[0]?.at).toBeLessThan(endsAt);
    expect(closed[0]?.ms, 'a logout has half a second even where there is none left').toBe(500);
  });

  it('gives each reader its own needs, and of each item the properties that it goes by; one that cannot go on costs its own values, and says why once', async () => {
    const offered: unknown[] = [];
    const reader = (name: string, values: readonly string[], failure?: Error): Reader => ({
      facts: { name, runs: 'read' },
      pathsOf: () => [`config.of.${name}`],
      async *read(needs, items) {
        const ofItems = items.map(({ moref, properties }) => [moref, ...properties]);
        for (const moref of values) yield [moref, { needs, ofItems }];
        if (failure !== undefined) throw failure;
      },
    });
    const { outcomes, missed, detail } = await readObjects(
      { ticket: 't', items: ITEMS, endsAt: systemClock.now() + 10_000 },
      {
        clock: systemClock,
        timeline: startTimeline(systemClock),
        needs: new Map([
          ['counters', ['cpu.usage.average']],
          ['call', ['QueryDateTime']],
        ]),
        readers: [
          reader('counters', ['host-1'], new Error('no such counter')),
          reader('call', ['host-2']),
          reader('tls', ['host-3']),
        ],
        clone: async () => ({
          async *retrieve({ paths }) {
            // Not what the third reader goes by, of which nothing is needed.
            expect(paths).toEqual(['name', 'config.of.counters', 'config.of.call']);
            const [{ moref: first }, ...others] = HOSTS as [(typeof HOSTS)[number], ...typeof HOSTS];
            yield {
              ...object(first),
              properties: new Map(['name', 'config.of.counters', 'config.of.tls'].map((path) => [path, 'x'])),
            };
            for (const { moref } of others) yield object(moref);
          },
          close: async () => undefined,
          ...NO_CONNECTION,
          measurements: () => ({ calls: 1, bytes: 1, failedLogouts: 0 }),
        }),
        onValue: (moref, { name }, value) => {
          if (name !== 'properties') offered.push([moref, name, value]);
        },
      },
      { signal: new AbortController().signal },
    );
    expect(HOSTS.map(({ moref }) => outcomes.get(moref))).toEqual(Array(3).fill({ kind: 'ok' }));
    expect(detail).toBeUndefined();
    const ofItems = [['host-1', ['config.of.counters', 'x']], ['host-2'], ['host-3']];
    expect(offered).toEqual([
      ['host-1', 'counters', { needs: ['cpu.usage.average'], ofItems }],
      ['host-2', 'call', { needs: ['QueryDateTime'], ofItems }],
    ]);
    expect(missed.map(({ why }) => why)).toEqual(['counters: no such counter']);
  });
});
