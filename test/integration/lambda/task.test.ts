import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { taskHealth } from '../../../cdk/task-health.ts';
import { ENV } from '../../../lib/config/env.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { SWEEP, WORKER } from '../../support/lambda/aws.ts';
import {
  type DemoEstate,
  ESTATE_SWEEP,
  ESXI_USER,
  PASSWORDS,
  startDemoEstate,
} from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { emittedMetrics, logLines } from '../../support/lambda/log-lines.ts';
import { expectWhole, targetOf } from '../../support/lambda/reply.ts';
import { startTask, type TaskOptions, type TaskProcess } from '../../support/lambda/task-process.ts';
import { keptOutcomes } from '../../support/lambda/told-outcomes.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';

const TARGET = 'vc01.example.org';
const running = { signal: new AbortController().signal };
const hosts = healthyHosts(6, { network: 26 });
const [refusing = '', hanging = ''] = hosts.map(({ address }) => address);
const EVERY_MS = 20_000;
const LONG = { timeoutMs: 120_000, everyMs: 20 };

let estate: DemoEstate;
beforeAll(async () => {
  estate = await startDemoEstate({ targets: { [TARGET]: hosts }, sshSeconds: 20 });
});
afterAll(() => estate?.[Symbol.asyncDispose]());
beforeEach(() => Promise.all(hosts.map(({ address }) => estate.esxi.setBehaviour(address, 'normal'))));

const startHere = (options?: TaskOptions) => startTask(estate, options);
/** The lines of a task, one a run that it finished. */
const runsOf = (task: TaskProcess) =>
  logLines(task.log()).filter(({ message }) => message === `sweep ${ESTATE_SWEEP}`);
const untilRuns = (count: number, task: TaskProcess) =>
  pollUntil(
    `run ${count}`,
    () => (runsOf(task).length >= count ? runsOf(task) : undefined),
    // So that a task that ended says why.
    LONG,
  ).catch((error: unknown) => {
    throw new Error(task.log(), { cause: error });
  });
const outcomes = async () =>
  Object.fromEntries(
    (await keptOutcomes(estate.aws.dynamodb, TARGET, hosts)).map(({ name, outcomes: { ssh } }) => [
      name,
      ssh && printOutcome(ssh),
    ]),
  );
const all = (outcome: string) => Object.fromEntries(hosts.map(({ name }) => [name, outcome]));

describe('a task that runs the sweeps', () => {
  it('runs each sweep at once and then by its interval, in its own process, and ends in order when ECS stops it', async () => {
    await using task = await startHere({ every: `${EVERY_MS / 1_000}s` });
    const [first, second] = await untilRuns(2, task);
    expect(first).toMatchObject({
      level: 'INFO',
      service: 'vsweep-task',
      exitCode: 0,
      delivered: 'pushgateway: 1',
    });
    const apart = Date.parse(String(second?.['timestamp'])) - Date.parse(String(first?.['timestamp']));
    expect(apart).toBeGreaterThan(EVERY_MS - 15_000);
    expect(apart).toBeLessThan(EVERY_MS + 15_000);
    expect(await outcomes()).toEqual(all('ok'));
    expect(estate.gateway.seen).toHaveLength(2);
    for (const name of [SWEEP, WORKER]) expect(estate.aws.lambda.invocations(name)).toEqual([]);
    const stoppedAt = performance.now();
    task.signal('SIGTERM');
    expect(await task.ended).toEqual([0, null]);
    expect(performance.now() - stoppedAt).toBeLessThan(10_000);
    expect(estate.vcenters[TARGET]?.sessions()).toBe(0);
    const kept = (await estate.aws.dynamodb.items()).map(({ sk }) => String(sk));
    expect(kept.filter((key) => /^(?:lease|flight)/.test(key))).toEqual([]);
  });

  it('prints for CloudWatch what the sweep function prints of a run, and no password', async () => {
    await using task = await startHere();
    await untilRuns(1, task);
    const runs = () => emittedMetrics(task.log()).filter(({ name }) => name === 'Runs');
    expect(runs()).toEqual([
      { namespace: 'vsweep/vsweep', name: 'Runs', dimensions: { sweep: ESTATE_SWEEP }, value: 1 },
    ]);
    const ok = emittedMetrics(task.log()).find(({ dimensions }) => dimensions['outcome'] === 'ok');
    expect(ok?.value).toBe(hosts.length);
    for (const password of Object.values(PASSWORDS)) expect(task.log()).not.toContain(password);
  });

  it('writes what the functions believe, and believes what they write: pins and host lists are sealed alike', async () => {
    const pins = () => estate.aws.dynamodb.state.hostKeys.readAll(running);
    await using first = await startHere();
    await untilRuns(1, first);
    first.signal('SIGTERM');
    await first.ended;
    expect((await pins()).size).toBe(hosts.length);
    const reply = await estate.sweepNext();
    expectWhole(reply);
    expect(targetOf(reply, TARGET).hostKeysPinned ?? 0).toBe(0);
    await using second = await startHere();
    await untilRuns(1, second);
    const pinned = emittedMetrics(second.log()).find(({ name }) => name === 'PinnedHostKeys');
    expect(pinned?.value).toBe(0);
    expect((await pins()).size).toBe(hosts.length);
    expect(second.log()).not.toMatch(/seal|not believed/i);
  });

  it('ends a run in the middle of it, with its logouts, within the time that ECS gives', async () => {
    await estate.esxi.setBehaviour(hanging, 'hangs-after-exec');
    const before = estate.esxi.loginAttempts(hanging).accepted;
    await using task = await startHere();
    await pollUntil(
      'a host is being asked',
      () => estate.esxi.loginAttempts(hanging).accepted > before || undefined,
      LONG,
    );
    const stoppedAt = performance.now();
    task.signal('SIGTERM');
    expect(await task.ended).toEqual([0, null]);
    expect(performance.now() - stoppedAt).toBeLessThan(28_000);
    expect(estate.vcenters[TARGET]?.sessions()).toBe(0);
    // What was cut off is no failed run.
    expect(emittedMetrics(task.log())).toEqual([]);
    expect(await estate.aws.dynamodb.state.runs.readLease(ESTATE_SWEEP, TARGET, running)).toBeUndefined();
  });
});

describe('a task that is killed in a run', () => {
  it('loses no refusal and no host: the next one counts its batch, leaves the refusing host alone and asks all others', async () => {
    await using before = await startHere();
    await untilRuns(1, before);
    before.signal('SIGTERM');
    await before.ended;
    expect(await outcomes()).toEqual(all('ok'));

    await estate.esxi.setBehaviour(refusing, 'refuses-login');
    await estate.esxi.setBehaviour(hanging, 'hangs-after-exec');
    const attempts = () => ({
      refused: estate.esxi.loginAttempts(refusing).refused,
      hung: estate.esxi.loginAttempts(hanging).accepted,
    });
    const then = attempts();
    await using killed = await startHere();
    await pollUntil(
      'a refusal, and a host that hangs',
      () => (attempts().refused > then.refused && attempts().hung > then.hung) || undefined,
      LONG,
    );
    killed.signal('SIGKILL');
    expect(await killed.ended).toEqual([null, 'SIGKILL']);
    const { runs, accounts, flights } = estate.aws.dynamodb.state;
    expect(await flights.readAll(ESTATE_SWEEP, TARGET, running)).not.toEqual([]);
    // The lease of the run that died ends by itself.
    const lease = await runs.readLease(ESTATE_SWEEP, TARGET, running);
    await runs.releaseLease(ESTATE_SWEEP, TARGET, String(lease?.holder), running);
    await estate.esxi.setBehaviour(hanging, 'normal');

    await using next = await startHere({ every: `${EVERY_MS / 1_000}s` });
    const [refusedHost, ...others] = hosts.map(({ name }) => name);
    const whole = Object.fromEntries(others.map((name) => [name, 'ok']));
    await pollUntil(
      'all others are ok',
      async () => {
        const { [refusedHost ?? '']: own, ...found } = await outcomes();
        return own !== 'ok' && JSON.stringify(found) === JSON.stringify(whole) ? true : undefined;
      },
      LONG,
    ).catch(async (error: unknown) => {
      throw new Error(`${JSON.stringify(await outcomes())}\n${next.log()}`, { cause: error });
    });
    next.signal('SIGTERM');
    await next.ended;
    // Once before the kill, and at most once more: by then it is left alone, below any limit of ESXi.
    const refused = attempts().refused - then.refused;
    expect(refused).toBeLessThanOrEqual(2);
    expect(await accounts.read(ESXI_USER, refusing, running)).toMatchObject({ refusals: refused });
    expect(await flights.readAll(ESTATE_SWEEP, TARGET, running)).toEqual([]);
  });
});

describe('a task of the least memory', () => {
  it('reads every vCenter while one of them hangs', async () => {
    const [hung, ...others] = ['vc11.example.org', 'vc12.example.org', 'vc13.example.org'] as const;
    const hostsOf = new Map(
      [hung, ...others].map((name, at) => [name, healthyHosts(2, { network: 34 + at })]),
    );
    await using three = await startDemoEstate({ targets: Object.fromEntries(hostsOf), sshSeconds: 5 });
    three.vcenters[hung]?.misbehave({ kind: 'hang', operation: 'CloneSession' });
    // So that the one that hangs comes first.
    for (const name of others) three.vcenters[name]?.misbehave({ kind: 'slow', ms: 400 });
    await using task = await startTask(three, { every: '60s', env: { [ENV.taskMemory]: '512' } });
    await untilRuns(1, task);
    for (const name of others)
      for (const { outcomes: found } of await keptOutcomes(three.aws.dynamodb, name, hostsOf.get(name) ?? []))
        expect(found.vcenter && printOutcome(found.vcenter)).toBe('ok');
  });
});

describe('the health of a task', () => {
  /** As the container's check finds it. */
  const isHealthy = async ({ healthPort }: TaskProcess) => {
    const [, , ...probe] = taskHealth(healthPort).command;
    const child = spawn(process.execPath, probe, { stdio: 'ignore', timeout: 3_000, killSignal: 'SIGKILL' });
    const [code] = await once(child, 'close');
    return code === 0;
  };

  it('is good while its loop turns, and bad when it is stopped or has ended', async () => {
    await using task = await startHere();
    await pollUntil('healthy', async () => (await isHealthy(task)) || undefined, LONG);
    task.signal('SIGSTOP');
    expect(await isHealthy(task)).toBe(false);
    task.signal('SIGCONT');
    expect(await isHealthy(task)).toBe(true);
    task.signal('SIGTERM');
    expect(await task.ended).toEqual([0, null]);
    expect(await isHealthy(task)).toBe(false);
  });
});

describe('a task that cannot begin', () => {
  it('ends with code 2 and says what the deployment did not set', async () => {
    await using task = await startHere({ env: { [ENV.table]: undefined, [ENV.taskMemory]: undefined } });
    expect(await task.ended).toEqual([2, null]);
    const [line] = logLines(task.log());
    expect(line).toMatchObject({ level: 'ERROR', service: 'vsweep-task', message: 'the task ends' });
    expect(line?.['error']).toContain(`${ENV.table}: is not set; the deployment has to set it`);
    expect(line?.['error']).toContain(ENV.taskMemory);
  });
});
