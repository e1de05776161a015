import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchesIn } from '../../../lib/config/own-collecting.ts';
import { checkDemoRun } from '../../../lib/demo/check-demo-run.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { SWEEP, WORKER } from '../../support/lambda/aws.ts';
import { type DemoEstate, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { expectWhole, sweepUntilWhole, targetOf } from '../../support/lambda/reply.ts';
import { asksIn } from '../../support/lambda/sealed.ts';
import { keptOutcomes, pushedFamilies } from '../../support/lambda/told-outcomes.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { expectDocumented, NO_RESULT } from '../sweep/faults/expect-documented.ts';

/** What the simulated Lambda says of its sweep function. */
const MEMORY_MB = 1_024;
const TARGET = 'vc01.example.org';
const never = { signal: new AbortController().signal };

describe('a small fleet, which the sweep function collects itself', () => {
  const hosts = createDemoFleet();
  let estate: DemoEstate;
  beforeAll(async () => {
    estate = await startDemoEstate({
      targets: { [TARGET]: hosts },
      sshSeconds: 10,
      limits: { inlineBelowHosts: hosts.length + 1 },
    });
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  it('comes out as by workers, of whom none is called, run after run', async () => {
    for (const isFirst of [true, false]) {
      const reply = await estate.sweepNext();
      expect(targetOf(reply, TARGET)).toMatchObject({
        deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
        problems: [],
      });
      const families = pushedFamilies(estate.gateway.seen.at(-1)?.text ?? '');
      const outcomes = await keptOutcomes(estate.aws.dynamodb, TARGET, hosts);
      expect(checkDemoRun(hosts, { hosts: outcomes, families }, { isFirst })).toEqual([]);
    }
    expect(estate.aws.lambda.invocations(WORKER)).toEqual([]);
    expect(estate.esxi.connections()).toBe(0);
    expect(estate.vcenters[TARGET]?.sessions()).toBe(0);
    const left = (await estate.aws.dynamodb.items()).filter(
      ({ pk, sk }) => /^(?:lease|flight#|claim#)/.test(`${sk}`) || `${pk}`.startsWith('claim#'),
    );
    expect(left).toEqual([]);
  });

  it('has its host keys listed from there too', async () => {
    const { payload } = await estate.aws.sweep({ hostkeys: {} });
    expect(payload).toMatchObject({ known: expect.any(Number), withoutList: [] });
    expect(estate.aws.lambda.invocations(WORKER)).toEqual([]);
  });
});

describe('targets of one run beside the limit', () => {
  it('are collected by the sweep function until their hosts would be too many, then by workers', async () => {
    const targets = Object.fromEntries(
      [1, 2, 3].map((index) => [`vc${index}`, healthyHosts(2, { network: 90 + index })]),
    );
    await using estate = await startDemoEstate({ targets, limits: { inlineBelowHosts: 5 } });
    await estate.sweepNext();
    const before = estate.aws.lambda.invocations(WORKER).length;
    const reply = await estate.sweepNext();
    for (const target of Object.keys(targets)) {
      expect(targetOf(reply, target)).toMatchObject({
        deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
        paths: { ssh: { ok: 2 } },
      });
    }
    const byWorkers = estate.aws.lambda.invocations(WORKER).slice(before);
    expect(asksIn(byWorkers).map(({ hosts }) => hosts.length)).toEqual([2]);
    // And one that reads.
    expect(byWorkers).toHaveLength(2);
  });
});

describe('more small targets in one run than the sweep function has places for', () => {
  it('wait for nobody: as many as there are places are collected by it, the others by workers', async () => {
    const places = batchesIn(MEMORY_MB);
    const targets = Object.fromEntries(
      Array.from({ length: places + 2 }, (_, index) => [
        `vc${index + 1}`,
        healthyHosts(1, { network: 100 + index }),
      ]),
    );
    await using estate = await startDemoEstate({ targets, limits: { inlineBelowHosts: 1_000 } });
    await estate.sweepNext();
    const before = estate.aws.lambda.invocations(WORKER).length;
    const reply = await estate.sweepNext();
    for (const target of Object.keys(targets))
      expect(targetOf(reply, target)).toMatchObject({
        deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
        problems: [],
        paths: { ssh: { ok: 1 } },
      });
    // Of each of them one that asks and one that reads.
    expect(estate.aws.lambda.invocations(WORKER)).toHaveLength(before + 4);
  });
});

describe('a host that ends the sweep function which collects it', () => {
  const HOSTS = healthyHosts(4, { network: 97 });
  const victim = HOSTS[1]?.address ?? '';
  let estate: DemoEstate;
  let pushes: number;
  beforeAll(async () => {
    estate = await startDemoEstate({ targets: { [TARGET]: HOSTS }, limits: { inlineBelowHosts: 1_000 } });
    await sweepUntilWhole(estate.sweepNext);
    pushes = estate.gateway.seen.length;
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  it('costs that run, and the next one asks the hosts with care, in workers, and is whole', async () => {
    const { aws, esxi, sweepNext } = estate;
    const before = esxi.loginAttempts(victim).accepted;
    await esxi.setBehaviour(victim, 'hangs-after-exec');
    const swept = sweepNext();
    const isAsked = () => esxi.loginAttempts(victim).accepted > before || undefined;
    await pollUntil('the login on the victim', isAsked, { timeoutMs: 60_000, everyMs: 5 });
    aws.lambda.invocations(SWEEP).at(-1)?.sandbox.signal('SIGKILL');
    const { functionError } = await swept;
    expect(functionError).toBe('Unhandled');
    expectDocumented('a host ends the sweep function that collects it', {
      ...NO_RESULT,
      exitCode: functionError === undefined ? 0 : 1,
    });
    expect(estate.gateway.seen).toHaveLength(pushes);
    expect((await aws.dynamodb.state.flights.readAll('services', TARGET, never)).length).toBe(1);
    await esxi.setBehaviour(victim, 'normal');

    // The lease of the run that died ends by itself.
    await aws.dynamodb.state.runs.releaseLease('services', TARGET, await holderOf(estate), never);
    // A batch with care has a few seconds for vCenter, which a busy machine takes to start a process.
    await aws.lambda.warmUp(WORKER, HOSTS.length);
    const reply = await sweepNext();
    expectWhole(reply);
    expect(targetOf(reply, TARGET).paths.ssh).toMatchObject({ ok: HOSTS.length, failed: 0 });
    const careful = asksIn(aws.lambda.invocations(WORKER));
    expect(careful.map(({ care }) => care)).toContain('slice');
    expect(careful.every(({ care }) => care === 'slice')).toBe(true);
    expect(await aws.dynamodb.state.accounts.list(never)).toEqual([]);
    const workers = aws.lambda.invocations(WORKER).length;
    expectWhole(await sweepNext());
    expect(aws.lambda.invocations(WORKER)).toHaveLength(workers);
  });
});

async function holderOf({ aws }: DemoEstate): Promise<string> {
  const lease = (await aws.dynamodb.items()).find(({ sk }) => sk === 'lease');
  return String(lease?.['holder']);
}
