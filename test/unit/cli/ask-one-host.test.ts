import { describe, expect, it } from 'vitest';
import { definitionOf } from '../../../lib/catalogue/row.ts';
import { askOneHost, createAskHost } from '../../../lib/cli/ask-host.ts';
import { toQuestions } from '../../../lib/cli/host-questions.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { sections } from '../../../lib/config/schema.ts';
import type { Family } from '../../../lib/metrics/family.ts';
import type { Sink } from '../../../lib/sinks/sink.ts';
import type { RunSweepDeps, runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const { signal } = new AbortController();
const STATE = 'esxi_service_state';
const STATUS = 'esxi_critical_service_status';
const rows = COLLECTORS.flatMap((one) => one.rows).filter(({ name }) => [STATE, STATUS].includes(name));
const [target] = sections.targets.parse([{ name: 'vc1', credentials: { env: 'VC' } }]);
if (target === undefined) throw new Error('no target');
const config = {
  targets: [target],
  esxi: sections.esxi.parse({ credentials: { env: 'ESXI' } }),
  sweeps: sections.sweeps.parse([{ name: 'services', every: '10m', collectors: ['ssh-services', 'hosts'] }]),
};
const family = (name: string, ...samples: readonly (readonly [label: string, value: number])[]): Family => {
  const row = COLLECTORS.flatMap((one) => one.rows).find((one) => one.name === name);
  if (row === undefined) throw new Error('no row');
  const definition = definitionOf(row);
  return {
    definition,
    samples: samples.map(([label, value]) => ({
      metric: name,
      labels: ['vc1', 'esx1', ...row.labels.map(() => label)],
      value,
    })),
  } as unknown as Family;
};

describe('a question to one host', () => {
  it('is a dry run on that host, and gives what was asked for', async () => {
    const [question] = toQuestions([STATE], config, target);
    if (question === undefined) throw new Error('no question');
    const seen: unknown[] = [];
    const run = async (order: object, deps: { sinks: readonly Sink[]; dryRun: boolean }, options: object) => {
      seen.push(order, deps.dryRun, options, deps.sinks.length);
      const group = { job: 'j', instance: 'vc1' };
      const families = [family(STATE, ['hostd', 1]), family('vmware_host_power_state', ['', 1])];
      await deps.sinks[0]?.deliver(
        { group, families, validUntil: 0 },
        { signal, holdsLease: async () => true },
      );
      const warnings = [{ text: 'a warning', count: 1 }];
      return { targets: [{ status: 'swept', problems: [], hosts: [], warnings }] };
    };
    const answer = await askOneHost(
      question,
      { target, moref: 'host-7', ms: 5_000 },
      { sinks: [] } as unknown as RunSweepDeps,
      { signal },
      run as unknown as typeof runSweep,
    );
    expect(answer.families.map(({ definition }) => definition.name)).toEqual([STATE]);
    expect(answer.warnings).toEqual(['a warning']);
    expect(seen).toEqual([
      {
        sweep: { ...question.sweep, targets: ['vc1'] },
        target: 'vc1',
        host: 'host-7',
        probes: question.probes,
        remainingMs: 5_000,
      },
      true,
      { signal },
      1,
    ]);
    const nothing = async () => ({ targets: [] });
    const none = await askOneHost(
      question,
      { target, moref: 'host-7', ms: 1 },
      {} as RunSweepDeps,
      { signal },
      nothing as unknown as typeof runSweep,
    );
    expect(none).toEqual({ families: [], warnings: [] });
  });
});

describe('a poll of metrics by commands', () => {
  const ask = (answer: Awaited<ReturnType<typeof askOneHost>>, stop = new AbortController()) => {
    const asked: unknown[] = [];
    const poll = createAskHost(
      config,
      { clock: createManualClock() } as unknown as RunSweepDeps,
      async (question, of) => {
        asked.push([question.sweep.name, of]);
        return answer;
      },
    );
    return { answered: poll({ target, moref: 'host-7', rows }, { signal: stop.signal }), asked };
  };

  it('is answered with the points of each metric, within the time that its sweep leaves', async () => {
    const { answered, asked } = ask({
      families: [family(STATE, ['hostd', 1], ['vpxa', 0])],
      warnings: ['a warning'],
    });
    const points = await answered;
    expect([...points.keys()].sort()).toEqual([STATUS, STATE]);
    expect(points.get(STATE)?.map(({ value }) => value)).toEqual([1, 0]);
    expect(points.get(STATUS)).toEqual([]);
    expect(asked).toEqual([['services', { target, moref: 'host-7', ms: expect.any(Number) }]]);
  });

  it('fails with all that was warned of where there is nothing, and is empty where nothing was', async () => {
    await expect(
      ask({ families: [], warnings: ['failed(auth): why', 'no list'] }).answered,
    ).rejects.toMatchObject({
      code: 'unavailable',
      message: 'failed(auth): why; no list',
    });
    const points = await ask({ families: [], warnings: [] }).answered;
    expect([...points.values()]).toEqual([[], []]);
  });

  it('ends with its signal', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(ask({ families: [], warnings: [] }, stop).answered).rejects.toThrow('enough');
  });
});
