import { describe, expect, it } from 'vitest';
import type { Collector, HostSubject } from '../../../lib/collectors/collector.ts';
import { createCollectorRun } from '../../../lib/collectors/run-collectors.ts';
import type { Clock } from '../../../lib/platform/clock.ts';
import { labelsOf, retrieved } from './subjects.ts';

const METRIC = { name: 'esxi_x', help: 'x', labels: ['hostsystem'] };
const object = retrieved({ name: 'esx01' });
const services = [{ service: 'hostd', state: 'running' }] as const;

/** Every look at it is 5 ms later. */
function tickingClock(): Clock {
  let now = 1_000;
  return {
    now: () => now,
    monotonic: () => {
      now += 5;
      return now;
    },
    sleep: async () => undefined,
  };
}

function collector(options: {
  name?: string;
  properties?: string[];
  probes?: 'services'[];
  collect?: (subject: HostSubject) => ReturnType<Collector['collect']>;
}): Collector & { readonly calls: HostSubject[] } {
  const { name = 'x', properties = [], probes = [] } = options;
  const calls: HostSubject[] = [];
  return {
    name,
    subject: 'HostSystem',
    needs: { properties, probes },
    metrics: [METRIC],
    calls,
    collect(subject) {
      calls.push(subject);
      if (options.collect) return options.collect(subject);
      return {
        samples: [{ metric: METRIC.name, labels: [subject.labels.hostsystem], value: 1 }],
        warnings: [],
      };
    },
  };
}

const run = (...collectors: Collector[]) => createCollectorRun(collectors, tickingClock());

describe('createCollectorRun', () => {
  it('calls a collector as soon as its own needs are there, and does not wait for those of others', () => {
    const status = collector({ name: 'status', properties: ['overallStatus'] });
    const ssh = collector({ name: 'ssh', probes: ['services'] });
    const host = run(status, ssh).host(labelsOf('esx01'));
    expect(host.offer({ object })).toHaveLength(1);
    expect([status.calls.length, ssh.calls.length]).toEqual([1, 0]);
    expect(host.offer({ services })).toHaveLength(1);
    expect([status.calls.length, ssh.calls.length]).toEqual([1, 1]);
  });

  it.each([
    ['object first', [{ object }, { services }]],
    ['services first', [{ services }, { object }]],
  ])('calls a collector that needs both once, with both: %s', (_what, [first, second]) => {
    const both = collector({ properties: ['name'], probes: ['services'] });
    const host = run(both).host(labelsOf('esx01'));
    expect(host.offer(first ?? {})).toEqual([]);
    expect(host.offer(second ?? {})).toHaveLength(1);
    expect(host.offer({ object, services })).toEqual([]);
    expect(both.calls).toEqual([{ labels: labelsOf('esx01'), object, services }]);
  });

  it('keeps hosts of equal labels apart', () => {
    const status = collector({ properties: ['name'] });
    const going = run(status);
    going.host(labelsOf('esx01')).offer({ object });
    going.host(labelsOf('esx01')).offer({ object });
    expect(status.calls).toHaveLength(2);
  });

  it('takes an empty list of services for an answer', () => {
    const ssh = collector({ probes: ['services'] });
    expect(run(ssh).host(labelsOf('esx01')).offer({ services: [] })).toHaveLength(1);
  });

  it('withholds the samples of a collector that throws, for that host only, and marks it failed', () => {
    const brittle = collector({
      name: 'brittle',
      properties: ['name'],
      collect: ({ labels }) => {
        if (labels.hostsystem === 'esx01') throw new Error('no such field');
        return { samples: [{ metric: METRIC.name, labels: [labels.hostsystem], value: 1 }], warnings: [] };
      },
    });
    const sound = collector({ name: 'sound', properties: ['name'] });
    const going = run(brittle, sound);
    const samples = ['esx01', 'esx02'].map((name) => going.host(labelsOf(name)).offer({ object }).length);
    expect(samples).toEqual([1, 2]);
    expect(going.results()).toEqual([
      {
        collector: 'brittle',
        success: 0,
        durationMs: 10,
        warnings: [{ text: 'failed, its samples are withheld: no such field', count: 1 }],
      },
      { collector: 'sound', success: 1, durationMs: 10, warnings: [] },
    ]);
  });

  it.each([
    ['undeclared', { metric: 'esxi_other', labels: ['a'], value: 1 }, 'the collector x does not declare it'],
    ['badly labelled', { metric: METRIC.name, labels: [], value: 1 }, 'a sample has 0 label values'],
    ['not finite', { metric: METRIC.name, labels: ['a'], value: Number.NaN }, 'withhold the sample'],
  ])('treats a sample that is %s as a failure, so that it cannot spoil the push', (_what, sample, why) => {
    const going = run(
      collector({ properties: ['name'], collect: () => ({ samples: [sample], warnings: [] }) }),
    );
    expect(going.host(labelsOf('esx01')).offer({ object })).toEqual([]);
    const text = expect.stringContaining(why);
    expect(going.results()).toMatchObject([{ success: 0, warnings: [{ text, count: 1 }] }]);
  });

  it('reports a collector that was never called as a success without duration', () => {
    expect(run(collector({ name: 'idle', properties: ['name'] })).results()).toEqual([
      { collector: 'idle', success: 1, durationMs: 0, warnings: [] },
    ]);
  });

  it('counts equal warnings and bounds different ones', () => {
    const talkative = collector({
      properties: ['name'],
      collect: ({ labels }) => ({
        samples: [],
        warnings: ['denied', `odd ${labels.hostsystem} ${'x'.repeat(999)}`],
      }),
    });
    const going = run(talkative);
    for (let index = 0; index < 100; index += 1) going.host(labelsOf(`esx${index}`)).offer({ object });
    const warnings = going.results()[0]?.warnings ?? [];
    expect(warnings[0]).toEqual({ text: 'denied', count: 100 });
    expect(warnings.reduce((sum, { count }) => sum + count, 0)).toBe(200);
    expect(warnings.length).toBe(21);
    // A text that is counted already stays where it is, however many there are.
    expect(warnings.at(-1)).toEqual({ text: 'further warnings', count: 81 });
    expect(Math.max(...warnings.map(({ text }) => text.length))).toBe(300);
  });
});
