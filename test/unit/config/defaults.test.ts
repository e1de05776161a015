import { describe, expect, it } from 'vitest';
import { sizeOfTask } from '../../../lib/config/aws-task.ts';
import { withPlaces } from '../../../lib/config/errors.ts';
import { DEFAULT_EVENT_TYPES } from '../../../lib/config/event-types.ts';
import { everyOf, ownSweepName, withOwnSweeps } from '../../../lib/config/own-sweeps.ts';
import {
  type Config,
  DEFAULT_LISTEN,
  type sections as Sections,
  sections,
} from '../../../lib/config/schema.ts';
import { wellFormedParts } from '../../../lib/config/well-formed.ts';

describe('what is not written', () => {
  const parsed = (section: keyof typeof Sections, value: unknown) => sections[section].parse(value);

  it('is the same for every reader of a section', () => {
    expect(parsed('exporter', {})).toEqual({ listen: { host: '127.0.0.1', port: 9666 } });
    expect(DEFAULT_LISTEN).toEqual({ host: '127.0.0.1', port: 9666 });
    expect(parsed('exporter', { listen: '[::1]:80' })).toEqual({ listen: { host: '::1', port: 80 } });
    expect(parsed('events', undefined)).toEqual({ types: [...DEFAULT_EVENT_TYPES] });
    expect(parsed('polls', undefined)).toEqual({ allow: [] });
    expect(parsed('victoriaMetrics', { url: 'https://v' })).toEqual({
      url: 'https://v',
      maxBackfill: 3_600_000,
    });
    expect(parsed('remoteWrite', { url: 'https://r' })).toEqual({
      url: 'https://r',
      region: undefined,
      externalLabels: {},
      maxBackfill: 3_000_000,
    });
    expect(parsed('netbox', { url: 'https://n' })).toEqual({
      url: 'https://n',
      filter: { platform: ['vmware-esxi'], status: ['active'] },
      cacheMinutes: 60,
      whenDown: 'use-stale',
    });
    expect(parsed('netbox', { url: 'https://n', filter: { site: [1, 'b'] } })).toMatchObject({
      filter: { status: ['active'], site: ['1', 'b'] },
    });
    expect(parsed('esxi', { credentials: { env: 'E' } })).toMatchObject({ hostKeys: {} });
    expect(parsed('esxi', { credentials: { env: 'E' }, services: [{ name: 'a' }] })).toMatchObject({
      services: [{ name: 'a', silentMeansRunning: false }],
    });
    expect(parsed('aws', { taskSize: {} })).toMatchObject({ taskSize: { vcpu: 0.25 } });
  });

  it('of a task is a quarter of a core, and the least memory that goes with its cores', () => {
    expect(sizeOfTask({})).toEqual({ vcpu: 0.25, memoryMb: 512 });
    expect(sizeOfTask({ taskSize: { vcpu: 0.5 } })).toEqual({ vcpu: 0.5, memoryMb: 1_024 });
    expect(sizeOfTask({ taskSize: { vcpu: 1 } })).toEqual({ vcpu: 1, memoryMb: 2_048 });
    expect(sizeOfTask({ taskSize: { vcpu: 1, memoryMb: 8_192 } })).toEqual({ vcpu: 1, memoryMb: 8_192 });
  });
});

describe('own metrics', () => {
  const targets = [
    { name: 'vc01', credentials: { env: 'A' } },
    { name: 'hosts', credentials: undefined },
  ] as unknown as Config['targets'];
  const sweeps = [
    { name: 's', collectors: ['own'] },
    { name: 't', collectors: ['hosts'] },
  ] as unknown as Config['sweeps'];
  const of = (own: object, preset: string[] = []) =>
    withOwnSweeps({
      targets,
      sweeps,
      metrics: { own, series: 5, preset, only: undefined } as unknown as Config['metrics'],
    });

  it('have an interval where they have one, and commands 15 minutes', () => {
    expect(everyOf({ every: '1h', ssh: ['a'] })).toBe('1h');
    expect([everyOf({ ssh: ['a'] }), everyOf({ esxcli: 'a' })]).toEqual(['15m', '15m']);
    expect(everyOf({ property: 'a' })).toBeUndefined();
    expect(ownSweepName('15m')).toBe('own-15m');
  });

  it('are nobody else than they were where there are none', () => {
    const config = {
      targets,
      sweeps,
      metrics: { own: {}, series: 5, preset: [] } as unknown as Config['metrics'],
    };
    expect(withOwnSweeps(config)).toBe(config);
  });

  it('go to the sweeps that name them, and to a sweep for each interval, over the targets that can be asked', () => {
    const [a, b, c, d] = [{ property: 'a' }, { property: 'b', every: '1h' }, { ssh: ['c'] }, { esxcli: 'd' }];
    const swept = (metrics: object) => ({ metrics, only: undefined, series: 5, preset: 'otel' });
    expect(of({ a, b, c, d }, ['otel', 'vmware_exporter']).sweeps).toEqual([
      { name: 's', collectors: ['own'], own: swept({ a }) },
      { name: 't', collectors: ['hosts'] },
      {
        name: 'own-1h',
        everyMs: 3_600_000,
        collectors: ['own'],
        targets: ['vc01'],
        job: 'vsweep_own-1h',
        samples: 'newest',
        own: swept({ b }),
      },
      {
        name: 'own-15m',
        everyMs: 900_000,
        collectors: ['own'],
        job: 'vsweep_own-15m',
        samples: 'newest',
        own: swept({ c, d }),
      },
    ]);
    const both = of({ c: { ...c, every: '1h' }, b }).sweeps.find(({ name }) => name === 'own-1h');
    expect(both).not.toHaveProperty('targets');
    const [only] = of({ d }).sweeps;
    expect(only).toEqual({
      name: 's',
      collectors: ['own'],
      own: { metrics: {}, only: undefined, series: 5, preset: 'vmware_exporter' },
    });
  });
});

describe('what can be held against the rest of a configuration', () => {
  it('is each field that is what it should be, and nothing in the place of another', () => {
    const raw = {
      targets: [{ name: 'a', aliases: ['b', 7, ''], credentials: {}, hosts: [] }, { name: '' }, 'x', null],
      sweeps: [
        { name: 's', collectors: ['c', 5], targets: ['a', {}], samples: 'all', every: '1m' },
        { name: 't', job: 'j', targets: 'a' },
        { name: 7 },
        { name: 'u', job: 9, samples: 'newest', every: 'often' },
        5,
      ],
      esxi: null,
      metrics: { preset: ['otel', 7] },
      events: { types: ['A', {}] },
      otlp: 1,
    };
    const target = { name: undefined, aliases: [], hasCredentials: false, hasHosts: false };
    const sweep = {
      name: undefined,
      collectors: [],
      targets: undefined,
      job: undefined,
      wantsAllSamples: false,
      everyMs: undefined,
    };
    expect(wellFormedParts(raw)).toEqual({
      targets: [
        { name: 'a', aliases: ['b', undefined, undefined], hasCredentials: true, hasHosts: true },
        target,
        target,
        target,
      ],
      sweeps: [
        {
          name: 's',
          collectors: ['c', undefined],
          targets: ['a', undefined],
          job: 'vsweep_s',
          wantsAllSamples: true,
          everyMs: 60_000,
        },
        { ...sweep, name: 't', job: 'j', targets: [] },
        sweep,
        { ...sweep, name: 'u' },
        sweep,
      ],
      hasEsxi: true,
      presets: ['otel'],
      eventTypes: ['A', undefined],
      takesTimes: true,
    });
  });

  it('is nothing of nothing', () => {
    expect(wellFormedParts({ targets: {}, sweeps: 'x' })).toEqual({
      targets: undefined,
      sweeps: [],
      hasEsxi: false,
      presets: undefined,
      eventTypes: [],
      takesTimes: false,
    });
    expect(wellFormedParts({ metrics: { preset: 'otel' } }).presets).toEqual(['otel']);
    for (const sink of ['otlp', 'remoteWrite', 'victoriaMetrics'])
      expect(wellFormedParts({ [sink]: undefined }).takesTimes).toBe(true);
    expect(wellFormedParts({ push: {} }).takesTimes).toBe(false);
  });
});

describe('the place of a fault', () => {
  it('is that of the key where it is about one, with what is hard to see in its line', () => {
    const asked: string[] = [];
    const place = { line: 2, column: 3 };
    const placeOf = (path: string) => {
      asked.push(path);
      return { ...place, hint: 'look' };
    };
    const at = (message: string, key?: string) => withPlaces([{ path: 'a', message, key }], placeOf);
    expect(at('is wrong', 'b')).toStrictEqual([{ path: 'a', message: 'is wrong; look', place }]);
    expect(at('is wrong')).toStrictEqual([{ path: 'a', message: 'is wrong; look', place }]);
    // What is pasted stands at the end.
    expect(at('is wrong. Run on the host: chmod 600 a')).toMatchObject([
      { message: 'look. is wrong. Run on the host: chmod 600 a' },
    ]);
    expect(at('Run: a')).toMatchObject([{ message: 'look. Run: a' }]);
    for (const message of ['Run it. Then: a', 'Runs: a', 'Run:a', 'preRun: a'])
      expect(at(message)).toMatchObject([{ message: `${message}; look` }]);
    expect(asked.slice(0, 2)).toEqual(['a.b', 'a']);
  });

  it('is none of a fault whose place nobody knows', () => {
    expect(withPlaces([{ path: 'a', message: 'm', key: 'b' }], () => undefined)).toStrictEqual([
      { path: 'a', message: 'm' },
    ]);
  });
});
