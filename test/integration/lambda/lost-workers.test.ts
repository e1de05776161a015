import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseExposition } from '../../support/exposition.ts';
import { type Reply, SWEEP, WORKER } from '../../support/lambda/aws.ts';
import { type DemoEstate, ESTATE_SWEEP, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import type { Invocation } from '../../support/lambda/lambda-service.ts';
import { expectWhole, summaryOf, sweepUntilWhole, targetOf } from '../../support/lambda/reply.ts';
import { asksIn, isAsk } from '../../support/lambda/sealed.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { expectDocumented, type FaultSeen, seenIn } from '../sweep/faults/expect-documented.ts';

const TARGET = 'vc01.example.org';
const BATCHES = 3;
const running = { signal: new AbortController().signal };
const PER_BATCH = 2;
const hosts = healthyHosts(PER_BATCH * BATCHES, { network: 24 });
/** Of the second batch that asks. */
const victim = hosts[PER_BATCH]?.address ?? '';

const addressesOf = (invocation: Invocation) =>
  asksIn([invocation]).flatMap((request) => request.hosts.map(({ address }) => address));

/** A run in which all is well: every host has accepted the credential then, and the next run asks two by each worker. */
async function proveAll({ sweepNext, askInBatchesOf }: DemoEstate) {
  const reply = await sweepUntilWhole(sweepNext);
  expect(targetOf(reply, TARGET).paths.ssh).toMatchObject({ ok: hosts.length, failed: 0 });
  await askInBatchesOf(PER_BATCH, TARGET);
}

/** Starts a run and answers when the victim's ssh has begun, with the worker that has it. */
async function sweepUntilVictimRuns({ aws, esxi, sweepNext }: DemoEstate) {
  const before = esxi.loginAttempts(victim).accepted;
  const swept = sweepNext();
  const worker = await pollUntil(
    'the login on the victim',
    () =>
      esxi.loginAttempts(victim).accepted > before
        ? aws.lambda.invocations(WORKER).findLast((one) => addressesOf(one).includes(victim))
        : undefined,
    { timeoutMs: 60_000, everyMs: 5 },
  );
  return { swept, worker };
}

/** The hosts with a value for a service in the last push. */
function pushedHosts({ gateway }: DemoEstate): string[] {
  const series = parseExposition(gateway.seen.at(-1)?.text ?? '');
  const services = series.filter(({ name }) => name === 'esxi_critical_service_status');
  return [...new Set(services.map(({ labels }) => labels['hostsystem'] ?? ''))].toSorted();
}

/** One function died, and its hosts were asked once more in the same run: nothing is missing. */
function expectAskedAgain(estate: DemoEstate, reply: Reply) {
  expectWhole(reply);
  const { deliveries, paths, problems } = targetOf(reply, TARGET);
  expect(deliveries).toEqual([{ sink: 'pushgateway', outcome: 'delivered' }]);
  expect(paths.vcenter).toMatchObject({ hosts: hosts.length, ok: hosts.length });
  expect(paths.ssh).toMatchObject({ ok: hosts.length, failed: 0 });
  expect(problems).toEqual([
    expect.stringContaining(`a worker ended before it reported on ${PER_BATCH} hosts: `),
  ]);
  expect(pushedHosts(estate)).toEqual(hosts.map(({ name }) => name).toSorted());
}

/** One batch that asks is lost for `reason`; all others are told and pushed, and all that is read of its hosts. */
function expectOneBatchLost(estate: DemoEstate, reply: Reply, reason: string) {
  expect(summaryOf(reply).exitCode).toBe(3);
  const { deliveries, paths } = targetOf(reply, TARGET);
  expect(deliveries).toEqual([{ sink: 'pushgateway', outcome: 'delivered' }]);
  expect(paths.vcenter).toMatchObject({ hosts: hosts.length, ok: hosts.length });
  expect(paths.ssh).toMatchObject({
    hosts: hosts.length,
    ok: hosts.length - PER_BATCH,
    failed: PER_BATCH,
    reasons: { [reason]: PER_BATCH },
  });
  const names = hosts.map(({ name }) => name);
  const lost = Array.from({ length: BATCHES }, (_, batch) =>
    names.slice(PER_BATCH * batch, PER_BATCH * (batch + 1)),
  );
  const left = lost.map((pair) => names.filter((name) => !pair.includes(name)));
  expect(left).toContainEqual(pushedHosts(estate));
}

/** Of those that are not well, or of all when everybody is: a reply has no more of a host that is well than its count. */
function seenOfRun({ gateway }: DemoEstate, reply: Reply): FaultSeen {
  const pushed = gateway.seen.at(-1)?.text ?? '';
  const seen = seenIn(summaryOf(reply), {
    pushed,
    isHit: ({ outcomes }) => Object.values(outcomes).some(({ kind }) => kind === 'failed'),
  });
  const { paths } = targetOf(reply, TARGET);
  if (paths.ssh?.failed !== 0) return seen;
  return { ...seen, vcenter: Object.keys(paths.vcenter?.reasons ?? {}), ssh: ['ok'] };
}

describe('a worker that is lost', () => {
  let estate: DemoEstate;
  beforeAll(async () => {
    estate = await startDemoEstate({ targets: { [TARGET]: hosts } });
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  beforeEach(() => proveAll(estate));

  it('costs nobody its result when it is killed in the middle of its ssh: its hosts are asked again', async () => {
    await estate.esxi.setBehaviour(victim, 'hangs-after-exec');
    const { swept, worker } = await sweepUntilVictimRuns(estate);
    worker.sandbox.signal('SIGKILL');
    await estate.esxi.setBehaviour(victim, 'normal');
    const reply = await swept;
    expectAskedAgain(estate, reply);
    expectDocumented('a worker is killed', seenOfRun(estate, reply));
    expect(await estate.aws.dynamodb.state.accounts.list(running)).toEqual([]);
    expect(await worker.answered).toMatchObject({ functionError: 'Unhandled' });
  });

  it('leaves its hosts presumed refused, with no record of a batch under way, and costs the next run nothing', async () => {
    estate.aws.lambda.misbehave(WORKER, ['garbage'], isAsk);
    await estate.sweepNext();
    const { state } = estate.aws.dynamodb;
    const presumed = await state.accounts.list(running);
    expect(presumed.map(({ refusals, lastRefusalAt }) => ({ refusals, lastRefusalAt }))).toEqual([
      { refusals: 1, lastRefusalAt: undefined },
      { refusals: 1, lastRefusalAt: undefined },
    ]);
    expect(await state.flights.readAll(ESTATE_SWEEP, TARGET, running)).toEqual([]);
    await proveAll(estate);
    expect(pushedHosts(estate)).toHaveLength(hosts.length);
    expect(await state.accounts.list(running)).toEqual([]);
  });

  it('is waited for while Lambda wakes its function', async () => {
    estate.aws.lambda.makeInactive(WORKER, 1_500);
    const reply = await estate.sweepNext();
    expectWhole(reply);
    expect(targetOf(reply, TARGET)).toMatchObject({ problems: [], paths: { ssh: { ok: hosts.length } } });
  });

  it('is done without when its function takes longer to wake: the sweep function collects', async () => {
    estate.aws.lambda.makeInactive(WORKER, 60_000);
    const runs = estate.aws.lambda.invocations(WORKER).length;
    const reply = await estate.sweepNext();
    estate.aws.lambda.makeInactive(WORKER, 0);
    expectWhole(reply);
    expect(targetOf(reply, TARGET)).toMatchObject({
      problems: [
        expect.stringContaining('ResourceConflictException: The operation cannot be performed at this time'),
      ],
      paths: { vcenter: { ok: hosts.length }, ssh: { ok: hosts.length } },
    });
    expect(estate.aws.lambda.invocations(WORKER)).toHaveLength(runs);
  });

  it('costs its hosts and no others when its answer is garbage', async () => {
    estate.aws.lambda.misbehave(WORKER, ['garbage'], isAsk);
    expectOneBatchLost(estate, await estate.sweepNext(), 'failed(worker)');
  });

  it('costs what it was to read, and no host that is asked, when it reads', async () => {
    estate.aws.lambda.misbehave(WORKER, ['garbage'], (payload) => !isAsk(payload));
    const reply = await estate.sweepNext();
    expect(summaryOf(reply).exitCode).toBe(3);
    expect(targetOf(reply, TARGET).paths).toMatchObject({
      vcenter: { hosts: hosts.length, failed: hosts.length, reasons: { 'failed(worker)': hosts.length } },
      ssh: { hosts: hosts.length, ok: hosts.length },
    });
    expect(pushedHosts(estate)).toHaveLength(hosts.length);
    expectDocumented('the answer of a worker that reads is lost', seenOfRun(estate, reply));
  });

  it('costs nobody its result when its function fails', async () => {
    estate.aws.lambda.misbehave(WORKER, ['function-error'], isAsk);
    expectAskedAgain(estate, await estate.sweepNext());
  });

  it('runs once when the connection is reset after the request was sent', async () => {
    const runs = estate.aws.lambda.invocations(WORKER).length;
    const logins = hosts.map(({ address }) => estate.esxi.loginAttempts(address).accepted);
    estate.aws.lambda.misbehave(WORKER, ['reset'], isAsk);
    const reply = await estate.sweepNext();
    expectOneBatchLost(estate, reply, 'failed(worker)');
    expectDocumented('the answer of a worker is lost', seenOfRun(estate, reply));
    const workers = estate.aws.lambda.invocations(WORKER).slice(runs);
    await Promise.all(workers.map(({ answered }) => answered));
    expect(asksIn(workers)).toHaveLength(BATCHES);
    expect(hosts.map(({ address }) => estate.esxi.loginAttempts(address).accepted)).toEqual(
      logins.map((count) => count + 1),
    );
  });

  it('is none when Lambda throttles at first', async () => {
    const runs = estate.aws.lambda.invocations(WORKER).length;
    estate.aws.lambda.misbehave(WORKER, ['throttle', 'throttle', 'throttle', 'throttle']);
    const reply = await estate.sweepNext();
    expectWhole(reply);
    expect(targetOf(reply, TARGET).paths.ssh).toMatchObject({ ok: hosts.length, failed: 0 });
    // One reads.
    expect(estate.aws.lambda.invocations(WORKER)).toHaveLength(runs + BATCHES + 1);
  });
});

describe('a worker that never answers', () => {
  it('is waited for until collect end, and the rest is pushed in time', async () => {
    await using estate = await startDemoEstate({
      targets: { [TARGET]: hosts },
    });
    await estate.aws.lambda.warmUp(WORKER, BATCHES + 1);
    await proveAll(estate);
    await estate.esxi.setBehaviour(victim, 'hangs-after-exec');
    // A run of 27 s, of which 18.9 s are for collecting.
    estate.aws.lambda.limit(SWEEP, 30_000);
    const { swept, worker } = await sweepUntilVictimRuns(estate);
    worker.sandbox.signal('SIGSTOP');
    const reply = await swept;
    expectOneBatchLost(estate, reply, 'failed(deadline)');
    expectDocumented('the time is over with half of the batches in', seenOfRun(estate, reply));
    const leases = (await estate.aws.dynamodb.items()).filter(({ sk }) => sk === 'lease');
    expect(leases).toEqual([]);
  });
});
