import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import { openConfiguredSinks } from '../../../lib/sinks/configured-sinks.ts';
import { openMachineSinks } from '../../../lib/sinks/machine-sinks.ts';
import { createConfiguredPushgateway } from '../../../lib/sinks/pushgateway/configured-client.ts';

const { signal } = new AbortController();
const url = 'http://127.0.0.1:1';
/** What every sink is given; none of them connects when it is opened. */
const depsOf = (config: object) =>
  ({
    loaded: { config, certificates: new Map() },
    credentials: {},
    clock: {},
    log: silentLog,
    random: () => 0,
    groups: {},
    seriesLists: { read: async () => undefined },
  }) as never;
const opened = (config: object) =>
  openConfiguredSinks(depsOf(config)).map(({ name, timed }) => [name, timed?.maxAgeMs, timed?.maxSamples]);

describe('the sinks of a configuration', () => {
  it('are those that it names, in one order, with what each takes of samples with times', () => {
    expect(opened({})).toEqual([]);
    expect(
      opened({
        otlp: { url, maxBackfill: 3, headers: {} },
        remoteWrite: { url, maxBackfill: 2, externalLabels: {} },
        victoriaMetrics: { url, maxBackfill: 1 },
        push: { url, protocol: 'pushgateway', gzip: true },
      }),
    ).toEqual([
      ['pushgateway', undefined, undefined],
      ['victoriametrics', 1, 20_000],
      ['remotewrite', 2, 5_000],
      ['otlp', 3, 5_000],
    ]);
    expect(opened({ push: { url, protocol: 'push-only', gzip: true } })).toEqual([
      ['pushgateway', undefined, undefined],
    ]);
  });

  it('send CloudWatch smaller requests', () => {
    expect(opened({ otlp: { url, maxBackfill: 3, headers: {}, region: 'eu-central-1' } })).toEqual([
      ['otlp', 3, 1_000],
    ]);
  });

  it('have nothing to forget where series end by themselves, or where no list is', async () => {
    const config = {
      otlp: { url, maxBackfill: 3, headers: {} },
      remoteWrite: { url, maxBackfill: 2, externalLabels: {} },
      victoriaMetrics: { url, maxBackfill: 1 },
      push: { url, protocol: 'push-only', gzip: true },
    };
    for (const sink of openConfiguredSinks(depsOf(config)))
      expect([sink.name, await sink.forget({ job: 'j', instance: 'i' }, { signal })]).toEqual([
        sink.name,
        false,
      ]);
  });

  it('have a Pushgateway to ask for its groups only where one keeps them', () => {
    expect(createConfiguredPushgateway(depsOf({}))).toBeUndefined();
    expect(createConfiguredPushgateway(depsOf({ push: { url, protocol: 'push-only' } }))).toBeUndefined();
    expect(
      Object.keys(createConfiguredPushgateway(depsOf({ push: { url, protocol: 'pushgateway' } })) ?? {}),
    ).toEqual(['put', 'delete', 'list']);
  });

  it('are on one machine also a folder and standard output, which is opened only then', () => {
    let openings = 0;
    const openOutput = () => {
      openings += 1;
      return {};
    };
    const names = (config: object) =>
      openMachineSinks({ ...(depsOf(config) as object), openOutput } as never).map(({ name }) => name);
    expect([names({}), openings]).toEqual([[], 0]);
    expect([names({ textfile: { path: '/x' } }), openings]).toEqual([['textfile'], 0]);
    expect([names({ stdout: {}, textfile: { path: '/x' } }), openings]).toEqual([['textfile', 'stdout'], 1]);
  });
});
