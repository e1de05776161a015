import { describe, expect, it } from 'vitest';
import { asDryRun, asStopped, quietOnceStopped } from '../../../lib/cli/told-summary.ts';
import type { Log } from '../../../lib/platform/log.ts';
import { notSwept, type RunSummary, type TargetSummary } from '../../../lib/sweep/result/summary.ts';

const swept = (push: TargetSummary['push']): TargetSummary => ({
  ...notSwept('vc1', 'dark', ['a problem']),
  status: 'swept',
  listing: 'fresh',
  push,
  published: true,
});
const run = (...targets: TargetSummary[]): RunSummary => ({
  runId: 'run-1',
  sweep: 'services',
  scheduledAt: 0,
  startedAt: 0,
  endedAt: 0,
  exitCode: 3,
  targets,
});
const STOPPED = { signal: AbortSignal.abort() };
const RUNNING = { signal: new AbortController().signal };

describe('quietOnceStopped', () => {
  it('hands on every line until the signal, and none after it', () => {
    const lines: unknown[] = [];
    const note =
      (level: string): Log['warn'] =>
      (...line) =>
        lines.push([level, ...line]);
    const stop = new AbortController();
    const all = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
    const log = quietOnceStopped(all, stop);
    const levels = ['debug', 'info', 'warn', 'error'] as const;
    for (const level of levels) log[level]('said', { host: 'esx1' });
    expect(lines).toEqual(levels.map((level) => [level, 'said', { host: 'esx1' }]));
    stop.abort();
    for (const level of levels) log[level]('said', {});
    expect(lines).toHaveLength(4);
  });
});

describe('asStopped', () => {
  it('leaves a run as it is that no signal ended', () => {
    const summary = run(swept('failed'));
    expect(asStopped(summary, RUNNING)).toBe(summary);
  });

  it('says of a target that was not pushed before the signal that alone', () => {
    const { targets, exitCode } = asStopped(run(swept('pushed'), swept('failed')), STOPPED);
    expect(targets).toEqual([swept('pushed'), notSwept('vc1', 'stopped', [])]);
    expect(exitCode).toBe(3);
    expect(asStopped(run(swept('failed')), STOPPED).exitCode).toBe(1);
  });
});

describe('asDryRun', () => {
  const of = (push: TargetSummary['push'], section: object | undefined) => {
    const loaded = { config: { push: section } } as Parameters<typeof asDryRun>[1];
    const [target] = asDryRun(run(swept(push)), loaded).targets;
    return [target?.push, target?.published];
  };

  it('says that a push was held back where there is a gateway, and that nothing is served', () => {
    expect(of('not-configured', {})).toEqual(['dry-run', false]);
    expect(of('not-configured', undefined)).toEqual(['not-configured', false]);
    expect(of('none', {})).toEqual(['none', false]);
  });
});
