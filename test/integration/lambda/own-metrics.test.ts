import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { parseExposition } from '../../support/exposition.ts';
import { SWEEP, WORKER } from '../../support/lambda/aws.ts';
import { type DemoEstate, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { targetOf } from '../../support/lambda/reply.ts';
import { scheduleTimes } from '../../support/lambda/schedule-times.ts';

const TARGET = 'vc01.example.org';
const METRICS = {
  own: {
    own_host_lockdown: {
      property: 'HostSystem config.lockdownMode',
      states: ['lockdownDisabled', 'lockdownNormal', 'lockdownStrict'],
      every: '15m',
    },
    // Its engine is loaded from beside the bundle.
    own_host_scratch: { ssh: ['readlink', '-f', '/scratch'], test: { matches: '^/tmp' }, every: '30m' },
    own_host_named: { property: 'HostSystem name', test: { matches: '^(e+s+x+)+\\d+\\.' }, every: '15m' },
  },
};

describe('own metrics of a deployed configuration', () => {
  let estate: DemoEstate;
  beforeAll(async () => {
    estate = await startDemoEstate({ targets: { [TARGET]: createDemoFleet() }, metrics: METRICS, poll: {} });
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  it('are read by workers, in the sweep of their interval, and pushed', async () => {
    const reply = await estate.aws.sweep({ sweep: 'own-15m', scheduledAt: scheduleTimes()() });
    expect(targetOf(reply, TARGET)).toMatchObject({ problems: [], warnings: [] });
    expect(estate.aws.lambda.invocations(WORKER).length).toBeGreaterThan(0);
    const series = parseExposition(estate.gateway.seen.at(-1)?.text ?? '');
    const of = (name: string) => series.filter((one) => one.name === name);
    expect(of('own_host_lockdown')).toHaveLength(177);
    expect(of('own_host_named').map(({ value }) => value)).toEqual(Array.from({ length: 60 }, () => 1));
    expect(of('vsweep_own_missing').map(({ value }) => value)).toEqual([0, 0]);
    expect(estate.aws.lambda.invocations(SWEEP)).toHaveLength(1);
  });

  it('are answered by the poll function', async () => {
    const { payload } = await estate.aws.poll({
      method: 'metric.get',
      hostname: TARGET,
      name: 'esx01.example.org',
      properties: ['own_host_named', 'own_host_lockdown'],
    });
    expect(payload).toEqual({
      success: 0,
      msg: 'Successfully retrieved metrics',
      result: [
        { name: 'esx01.example.org', own_host_named: 1 },
        { state: 'lockdownDisabled', name: 'esx01.example.org', own_host_lockdown: 1 },
        { state: 'lockdownNormal', name: 'esx01.example.org', own_host_lockdown: 0 },
        { state: 'lockdownStrict', name: 'esx01.example.org', own_host_lockdown: 0 },
      ],
    });
  });

  it('are refused by the poll function where hosts are asked by ssh, with what to do', async () => {
    const asked = { method: 'metric.get', hostname: TARGET, name: 'esx01.example.org' };
    const { payload } = await estate.aws.poll({ ...asked, properties: ['own_host_scratch'] });
    expect(payload).toEqual({
      success: 1,
      msg:
        'own_host_scratch: read from hosts by ssh, which the poll function does not do: it has neither their credential nor a network to them. ' +
        'Ask by "vsweep poll" or "vsweep gateway" without --lambda, on a machine that may, or query what its sweep delivers',
    });
  });
});
