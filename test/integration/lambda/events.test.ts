import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRunFailure } from '../../../lib/sweep/run/failed-run.ts';
import { SWEEP } from '../../support/lambda/aws.ts';
import { type DemoEstate, ESTATE_SWEEP, SECRETS, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { metricLines } from '../../support/lambda/log-lines.ts';
import { expectWhole, statusesOf, sweepUntilWhole } from '../../support/lambda/reply.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { expectDocumented, NO_RESULT } from '../sweep/faults/expect-documented.ts';

const A = 'vc-a.example.org';
const B = 'vc-b.example.org';
const never = { signal: new AbortController().signal };

describe('events of the sweep function', () => {
  let estate: DemoEstate;
  beforeAll(async () => {
    const targets = { [A]: healthyHosts(2, { network: 21 }), [B]: healthyHosts(2, { network: 22 }) };
    estate = await startDemoEstate({ targets });
    let at = -100;
    await sweepUntilWhole(() => sweepAt(secondsOn(at++)));
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  /** So many seconds after the tests began. */
  const began = Date.now();
  const secondsOn = (seconds: number) => new Date(began + seconds * 1_000).toISOString();
  const sweepAt = (scheduledAt: string | undefined, target?: string) =>
    estate.aws.sweep({ sweep: ESTATE_SWEEP, target, scheduledAt });
  const logins = () => [A, B].map((target) => estate.vcenters[target]?.stats.logins);

  it('goes over every target of the sweep', async () => {
    const reply = await sweepAt(secondsOn(0));
    expect(statusesOf(reply)).toEqual({ [A]: 'swept', [B]: 'swept' });
    expectWhole(reply);
  });

  it.each([
    ['the same time', secondsOn(0)],
    ['the same time, written otherwise', secondsOn(3_600).replace('Z', '+01:00')],
    ['an earlier time', secondsOn(-1)],
  ])('calls an event of %s a duplicate, and asks and pushes nothing', async (_which, scheduledAt) => {
    const before = { logins: logins(), pushes: estate.gateway.seen.length };
    const reply = await sweepAt(scheduledAt);
    expect(statusesOf(reply)).toEqual({ [A]: 'duplicate', [B]: 'duplicate' });
    expectWhole(reply);
    expect({ logins: logins(), pushes: estate.gateway.seen.length }).toEqual(before);
  });

  it('drops an event that is older than the interval, asks nobody, and counts it', async () => {
    const before = { logins: logins(), pushes: estate.gateway.seen.length };
    const told = estate.aws.lambda.log().length;
    const { payload, functionError } = await sweepAt('2026-11-22T01:10:00Z');
    expect(functionError).toBeUndefined();
    expect(payload).toEqual({ sweep: ESTATE_SWEEP, dropped: 'late' });
    expect({ logins: logins(), pushes: estate.gateway.seen.length }).toEqual(before);
    // A run that fails throws: 0 where there is no error.
    expectDocumented('a run that comes later than its interval', {
      ...NO_RESULT,
      exitCode: functionError === undefined ? 0 : 1,
    });
    await expect
      .poll(() => metricLines(estate.aws.lambda.log().slice(told)))
      .toEqual([expect.objectContaining({ sweep: ESTATE_SWEEP, LateEvents: 1 })]);
  });

  it('goes over the named target only, so that the same event later finds one duplicate', async () => {
    expect(statusesOf(await sweepAt(secondsOn(10), B))).toEqual({ [B]: 'swept' });
    expect(statusesOf(await sweepAt(secondsOn(10)))).toEqual({ [A]: 'swept', [B]: 'duplicate' });
  });

  it('leaves a target alone that another run is under way on, and goes over the others', async () => {
    const { runs } = estate.aws.dynamodb.state;
    const lease = { holder: 'another run', endsAt: Date.now() + 50_000 };
    await runs.acquireLease(ESTATE_SWEEP, A, lease, never);
    const reply = await sweepAt(secondsOn(11));
    expect(statusesOf(reply)).toEqual({ [A]: 'lease', [B]: 'swept' });
    await expect
      .poll(() => metricLines(estate.aws.lambda.log()).some((line) => line['LeaseTargets'] === 1))
      .toBe(true);
    expectWhole(reply);
    expect(await runs.confirmLease(ESTATE_SWEEP, A, lease.holder, never)).toBe(true);
    await runs.releaseLease(ESTATE_SWEEP, A, lease.holder, never);
  });

  it('runs for an operator who gives no time, whatever ran before', async () => {
    expect(statusesOf(await sweepAt(undefined))).toEqual({ [A]: 'swept', [B]: 'swept' });
    expect(statusesOf(await sweepAt(undefined, A))).toEqual({ [A]: 'swept' });
  });

  it('takes an event as EventBridge Scheduler sends it, which waits for no answer', async () => {
    const pushes = estate.gateway.seen.length;
    const runs = estate.aws.lambda.invocations(SWEEP).length;
    // Later than the run of the operator, however long this took until now.
    const event = { sweep: ESTATE_SWEEP, target: A, scheduledAt: new Date().toISOString() };
    expect(await estate.aws.sweep(event, 'Event')).toMatchObject({ status: 202, payload: null });
    const started = () => estate.aws.lambda.invocations(SWEEP)[runs];
    const answer = await (await pollUntil('it runs', started, { timeoutMs: 60_000 })).answered;
    expect(answer?.functionError).toBeUndefined();
    expect(estate.gateway.seen).toHaveLength(pushes + 1);
  });

  it.each([
    ['no object', null, 'not a schedule event'],
    ['no sweep', { scheduledAt: '2026-11-22T01:00:00Z' }, 'not a schedule event: sweep'],
    ['another key', { sweep: ESTATE_SWEEP, targets: [A] }, 'not a schedule event'],
    ['a time that is none', { sweep: ESTATE_SWEEP, scheduledAt: 'now' }, 'not a schedule event: scheduledAt'],
    [
      'a sweep that there is not',
      { sweep: 'nightly' },
      'there is no sweep "nightly"; known sweeps: services',
    ],
    [
      'a time that lies ahead by more than the interval',
      { sweep: ESTATE_SWEEP, scheduledAt: '2999-01-01T00:00:00Z' },
      'is more than the interval of sweep "services" (300 s) after the time of this function',
    ],
    ['a target that there is not', { sweep: ESTATE_SWEEP, target: 'vc-c' }, `it has ${A}, ${B}`],
  ])('throws for an event with %s, and says what to send', async (_what, event, message) => {
    const { functionError, payload } = await estate.aws.sweep(event);
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({
      errorType: 'EventError',
      errorMessage: expect.stringContaining(message),
    });
  });

  it('takes a recorded run for a time far ahead for none, and says so', async () => {
    const { runs } = estate.aws.dynamodb.state;
    const wrongTime = Date.UTC(2999, 0, 1);
    const last = { scheduledAt: wrongTime, startedAt: wrongTime, endedAt: wrongTime, exitCode: 0 };
    await runs.writeLast(ESTATE_SWEEP, A, last, never);
    await runs.writeLast(ESTATE_SWEEP, B, { ...last, scheduledAt: Date.now() + 55_000 }, never);
    // One that a clock a little ahead has recorded is still believed.
    expect(statusesOf(await sweepAt(secondsOn(46)))).toEqual({ [A]: 'swept', [B]: 'duplicate' });
    expect((await runs.readLast(ESTATE_SWEEP, A, never))?.scheduledAt).toBe(began + 46_000);
    await expect
      .poll(() => estate.aws.lambda.log())
      .toContain('time of the last run is in the future; it is ignored');
  });

  it('throws when nothing came of the run, says what to do, and hands over the summary', async () => {
    estate.aws.secrets.remove(SECRETS.push);
    const { functionError, payload } = await sweepAt(undefined);
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({ errorType: 'RunFailedError' });
    const { errorMessage } = payload as { errorMessage: string };
    expect(errorMessage).toContain(`sweep services failed: ${A}: `);
    expect(errorMessage).toContain('secret:vsweep/push is not in Secrets Manager');
    const { reason, summary } = parseRunFailure(errorMessage);
    expect(reason).toContain('secret:vsweep/push is not in Secrets Manager');
    expect(summary).toMatchObject({ exitCode: 1, targets: [{ target: A }, { target: B }] });
    const { trace } = payload as { trace: string[] };
    expect(trace.join('\n').length).toBeLessThan(5_000);
  });
});

describe('a sweep function that is deployed without its variables', () => {
  it('fails to start, and names all of them', async () => {
    const sweep = { env: { VSWEEP_TABLE: '', VSWEEP_COLLECT_BATCH: '' } };
    await using estate = await startDemoEstate({ targets: { [A]: healthyHosts(1, { network: 23 }) }, sweep });
    const { functionError, payload } = await estate.sweepNext();
    expect(functionError).toBe('Unhandled');
    const { errorType, errorMessage } = payload as { errorType: string; errorMessage: string };
    expect(errorType).toBe('ConfigError');
    expect(errorMessage).toContain('VSWEEP_TABLE: is empty; the deployment has to set it');
    expect(errorMessage).toContain('VSWEEP_COLLECT_BATCH: is empty; the deployment has to set it');
  });
});
