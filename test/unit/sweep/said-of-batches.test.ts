import { describe, expect, it } from 'vitest';
import { OVERALL_STATUS } from '../../../lib/catalogue/host.ts';
import { PROPERTIES } from '../../../lib/catalogue/sources/property.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import type { Reader } from '../../../lib/readers/reader.ts';
import type { TargetOrder } from '../../../lib/sweep/dispatch/target-order.ts';
import { sayDropped } from '../../../lib/sweep/fill/delivered-parts.ts';
import type { ListedTarget } from '../../../lib/sweep/listing/list-target.ts';
import { lostHosts, sweptNothing } from '../../../lib/sweep/run/broken-run.ts';
import { collectedBy, cutDetail, cutWarning } from '../../../lib/sweep/worker/batch-result.ts';
import { readObjects } from '../../../lib/sweep/worker/read-objects.ts';
import { NO_CONNECTION } from '../../support/no-connection.ts';
import { listedHost } from './builders.ts';

describe('how collectors did, as a result holds it', () => {
  it('has success as a boolean, what was missed where there is anything, and warnings with the name of their collector', () => {
    const well = { collector: 'a', success: 1, durationMs: 5, warnings: [], lacks: [] } as const;
    expect(
      collectedBy([
        well,
        {
          ...well,
          collector: 'b',
          success: 0,
          missed: [['m', 3]],
          warnings: [{ text: 'odd', count: 2 }],
          lacks: [['System.Read', 4]],
        },
      ]),
    ).toEqual({
      collectors: [
        { name: 'a', success: true, durationMs: 5 },
        { name: 'b', success: false, durationMs: 5, missed: [['m', 3]] },
      ],
      warnings: [
        {
          text: 'the account has no privilege System.Read, so metrics are left out. Add it to the account\'s role on the root folder, propagated; "vsweep role" prints the commands',
          count: 4,
        },
        { text: 'b: odd', count: 2 },
      ],
    });
  });

  it('is cut to what a result may hold: 2,000 characters of a warning, 600 of a detail', () => {
    expect(cutWarning({ text: 'x'.repeat(2_001), count: 7 })).toEqual({ text: 'x'.repeat(2_000), count: 7 });
    expect(cutDetail('host-1', 'x'.repeat(601))).toEqual([['host-1', 'x'.repeat(600)]]);
    expect(cutDetail('host-1', undefined)).toEqual([]);
  });
});

describe('samples of counters that a sink never gets', () => {
  it('are said by reason, each with what to check, and nothing where there are none', () => {
    expect(sayDropped({ old: 0, ahead: 0, refused: 0 })).toEqual([]);
    expect(sayDropped({ old: 2, ahead: 1, refused: 3 })).toEqual([
      expect.stringMatching(
        /^1 samples of counters were not sent, because their times are more than \d+ min ahead of this clock\. Check the time of the hosts \(vmware_host_time_offset_seconds\), of vCenter and of this machine$/,
      ),
      '2 samples of counters were not sent, because they are older than its maxBackfill',
      '3 samples of counters were refused and left out: it has newer ones of these series, or other values at these times. Check that no other vsweep sends the same series',
    ]);
  });
});

describe('what stands in for hosts whose asking broke', () => {
  const target = { name: 'vc1', site: '', sites: {} } as unknown as TargetOrder['target'];
  const listed = (...hosts: ReturnType<typeof listedHost>[]) =>
    ({ list: { hosts } }) as unknown as ListedTarget;

  it('has each host of the list as one that was to be asked, but for one that no request may hold', () => {
    const odd = listedHost(3, { name: 'x'.repeat(5_000) });
    const hosts = lostHosts(target, listed(listedHost(1), listedHost(2, { powerState: 'poweredOff' }), odd));
    expect(hosts.map(({ moref, ssh }) => [moref, typeof ssh === 'string' ? ssh : ssh.skip])).toEqual([
      ['host-1', 'try'],
      ['host-2', 'try'],
      ['host-3', 'worker'],
    ]);
    expect(lostHosts(target, { list: undefined })).toEqual([]);
  });

  it('has nothing of what the sweep itself reads, without a fresh list or where it reads nothing', () => {
    const collectors = [collector('overall-status', OVERALL_STATUS)];
    const fresh = { ...listed(listedHost(1)), source: 'fresh', session: {} } as unknown as ListedTarget;
    expect(sweptNothing(collectors, { ...fresh, source: 'last' }, new Error('x'))).toEqual([]);
    expect(sweptNothing(collectors, fresh, new Error('x'))).toEqual([]);
  });
});

describe('what a worker asks vCenter for', () => {
  it('is the name, what readers go by, and the properties that rows want: nothing else, and nothing of readers that nobody wants', async () => {
    const asked: (readonly string[])[] = [];
    const given: unknown[] = [];
    const readerOf = (name: string, paths?: readonly string[]): Reader<never> => ({
      facts: { name, runs: 'read' },
      ...(paths === undefined ? {} : { pathsOf: () => paths }),
      async *read(needs, items) {
        given.push([
          name,
          needs,
          items.map(({ moref, properties, sinceMs }) => [moref, [...properties], sinceMs]),
        ]);
        yield* [];
      },
    });
    const values: string[] = [];
    const { outcomes, missed } = await readObjects(
      {
        ticket: 't',
        items: [
          ['HostSystem', 'host-1'],
          ['HostSystem', 'host-2'],
        ],
        since: [7, 8],
        endsAt: systemClock.now() + 10_000,
      },
      {
        clock: systemClock,
        timeline: startTimeline(systemClock),
        needs: new Map<string, readonly unknown[]>([
          [PROPERTIES.name, ['overallStatus']],
          ['plain', ['p']],
          ['by-path', ['q']],
          ['unwanted', []],
        ]),
        readers: [
          readerOf('plain'),
          readerOf('by-path', ['a.b', 'c']),
          readerOf('unwanted', ['d']),
          readerOf('other', ['e']),
        ],
        clone: async () => ({
          async *retrieve({ morefs, paths }) {
            asked.push(paths);
            for (const value of morefs)
              yield {
                moref: { type: 'HostSystem', value },
                missing: new Map(),
                properties: new Map([
                  ['name', value],
                  ['a.b', 'x'],
                  ['overallStatus', 'green'],
                ]),
              };
          },
          close: async () => undefined,
          ...NO_CONNECTION,
          measurements: () => ({ calls: 1, bytes: 1, failedLogouts: 0 }),
        }),
        onValue: (moref, { name }) => values.push(`${moref} ${name}`),
      },
      { signal: new AbortController().signal },
    );
    expect(asked).toEqual([['name', 'a.b', 'c', 'overallStatus']]);
    const items = [
      ['host-1', [['a.b', 'x']], 7],
      ['host-2', [['a.b', 'x']], 8],
    ];
    expect(given).toEqual([
      ['plain', ['p'], items],
      ['by-path', ['q'], items],
    ]);
    expect(values).toEqual([`host-1 ${PROPERTIES.name}`, `host-2 ${PROPERTIES.name}`]);
    expect([[...outcomes.keys()], missed]).toEqual([['host-1', 'host-2'], []]);
  });
});
