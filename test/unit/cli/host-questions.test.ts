import { describe, expect, it } from 'vitest';
import { toQuestions } from '../../../lib/cli/host-questions.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import type { SweepConfig } from '../../../lib/config/schema.ts';

const CHECK = COLLECTORS.find(({ name }) => name === 'host-checks')?.rows[0]?.name ?? '';
const SERVICE = 'esxi_service_state';

const sweep = (name: string, collectors: readonly string[], targets?: readonly string[]) =>
  ({ name, job: name, everyMs: 60_000, collectors, ...(targets && { targets }) }) as unknown as SweepConfig;

/** Which sweep is to ask for which metrics. */
function asked(names: readonly string[], sweeps: readonly SweepConfig[], target: string) {
  const config = { targets: [{ name: 'vc1' }, { name: 'vc2' }], sweeps } as unknown as Parameters<
    typeof toQuestions
  >[1];
  return toQuestions(names, config, { name: target }).map(({ sweep: { name }, rows }) => [
    name,
    rows.map((row) => row.name),
  ]);
}

describe('the sweeps by which a host is asked', () => {
  const apart = [
    sweep('checks', ['host-checks', 'ssh-services'], ['vc1']),
    sweep('services', ['ssh-services'], ['vc2']),
  ];

  it('are those of its own target, though another one has the metric, too', () => {
    expect(asked([SERVICE], apart, 'vc2')).toEqual([['services', [SERVICE]]]);
    expect(asked([SERVICE], apart, 'vc1')).toEqual([['checks', [SERVICE]]]);
  });

  it('are none where no sweep of its target has the metric', () => {
    expect(asked([CHECK], apart, 'vc2')).toEqual([]);
  });

  it('are all that name no target', () => {
    expect(asked([CHECK, SERVICE], [sweep('all', ['host-checks', 'ssh-services'])], 'vc2')).toEqual([
      ['all', [CHECK, SERVICE]],
    ]);
  });

  it('have nothing but the collectors and the commands of these metrics', () => {
    const config = {
      targets: [{ name: 'vc1' }],
      sweeps: [sweep('all', ['overall-status', 'host-checks', 'ssh-services'])],
    } as unknown as Parameters<typeof toQuestions>[1];
    expect(
      toQuestions([SERVICE], config, { name: 'vc1' }).map(({ sweep: { name, job, collectors }, probes }) => ({
        ...{ name, job, collectors, probes },
      })),
    ).toEqual([{ name: 'all', job: 'all', collectors: ['ssh-services'], probes: ['services'] }]);
  });
});
