import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDemoRun } from '../../../lib/demo/check-demo-run.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { WORKER } from '../../support/lambda/aws.ts';
import { type DemoEstate, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { logLines, metricLines } from '../../support/lambda/log-lines.ts';
import { asksIn } from '../../support/lambda/sealed.ts';
import { keptOutcomes, pushedFamilies } from '../../support/lambda/told-outcomes.ts';

const TARGET = 'vc01.example.org';
const BATCHES = 3;
/** The batches of proven hosts, and beside them one of a wave and one that reads. */
const MOST_AT_ONCE = BATCHES + 2;
const hosts = createDemoFleet();
/** Whom nothing keeps from being asked. */
const isAsked = ({ expected }: (typeof hosts)[number]) => !expected.ssh.first.startsWith('skipped');

describe('a scheduled run, from the event through the bundles to the gateway', () => {
  let estate: DemoEstate;
  beforeAll(async () => {
    estate = await startDemoEstate({ targets: { [TARGET]: hosts }, sshSeconds: 10 });
    await estate.aws.lambda.warmUp(WORKER, MOST_AT_ONCE);
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  const batchesSince = (count: number) =>
    asksIn(estate.aws.lambda.invocations(WORKER).slice(count)).map((request) => request.hosts);
  const pidsSince = (count: number) =>
    new Set(
      estate.aws.lambda
        .invocations(WORKER)
        .slice(count)
        .map(({ sandbox }) => sandbox.pid),
    );
  const differences = async (isFirst: boolean) => {
    const families = pushedFamilies(estate.gateway.seen.at(-1)?.text ?? '');
    const outcomes = await keptOutcomes(estate.aws.dynamodb, TARGET, hosts);
    return checkDemoRun(hosts, { hosts: outcomes, families }, { isFirst });
  };

  it('asks every host once, the first one alone, and pushes the truth in one request', async () => {
    const { payload, functionError } = await estate.sweepNext();
    expect(functionError).toBeUndefined();
    const { exitCode, targets } = payload as RunSummary;
    const [target] = targets;
    expect(target).toMatchObject({
      status: 'swept',
      listing: 'fresh',
      deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
      problems: [],
    });
    expect(target?.paths).toMatchObject({
      vcenter: { hosts: hosts.length, ok: hosts.length, failed: 0, skipped: 0 },
      ssh: { hosts: hosts.length, ok: 54, failed: 3, skipped: hosts.length - 57 },
    });
    expect(exitCode).toBe(3);

    const batches = batchesSince(0);
    const names = batches.flatMap((batch) => batch.map(({ name }) => name));
    expect(names.toSorted()).toEqual(
      hosts
        .filter(isAsked)
        .map(({ name }) => name)
        .toSorted(),
    );
    // Nobody has accepted the credential yet.
    expect(batches[0]).toHaveLength(1);
    expect(batches.length).toBeGreaterThan(BATCHES);

    expect(estate.gateway.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `PUT /metrics/job/vsweep_services/instance/${TARGET}`,
    ]);
    expect(await differences(true)).toEqual([]);
  });

  it('prints the values that the alarms go by, for CloudWatch to make metrics of', async () => {
    const printed = () => metricLines(estate.aws.lambda.log());
    await expect.poll(printed).toHaveLength(4);
    const [run, ...ofOutcomes] = printed();
    expect(run).toMatchObject({
      sweep: 'services',
      Runs: 1,
      FailedRuns: 0,
      RunSeconds: expect.any(Number),
      PushedTargets: 1,
      SuspendedCredentials: 0,
    });
    expect(ofOutcomes.map(({ sweep, outcome, Hosts }) => [sweep, outcome, Hosts])).toEqual([
      ['services', 'ok', 54],
      ['services', 'failed', 3],
      ['services', 'skipped', hosts.length - 57],
    ]);
  });

  it('logs a line a batch and a line a run', async () => {
    const told = (service: string, message: string) =>
      logLines(estate.aws.lambda.log()).filter(
        (line) => line['service'] === service && line['message'] === message,
      );
    const workers = estate.aws.lambda.invocations(WORKER).length;
    await expect.poll(() => told('vsweep-collect-batch', 'batch collected')).toHaveLength(workers);
    expect(told('vsweep-sweep', 'sweep services')).toMatchObject([
      { exitCode: 3, hosts: hosts.length, delivered: 'pushgateway: 1' },
    ]);
  });

  it('leaves no session, no connection and no lease behind', async () => {
    expect(estate.vcenters[TARGET]?.sessions()).toBe(0);
    // All hosts are read by one worker.
    expect(estate.vcenters[TARGET]?.stats).toMatchObject({ logins: 1, clones: 1, logouts: 2 });
    expect(estate.esxi.connections()).toBe(0);
    expect((await estate.aws.dynamodb.items()).filter(({ sk }) => sk === 'lease')).toEqual([]);
  });

  it('goes over the fleet again, several workers at once and in the same sandboxes, and leaves the host alone that refused', async () => {
    const proven = hosts.filter(({ expected }) => expected.ssh.first === 'ok').length;
    await estate.askInBatchesOf(Math.ceil(proven / BATCHES), TARGET);
    const before = estate.aws.lambda.invocations(WORKER).length;
    const warm = pidsSince(0);
    const { functionError, payload } = await estate.sweepNext();
    expect(functionError).toBeUndefined();
    // Hosts that are ok are left out, so the summary is small.
    const told = (payload as RunSummary).targets[0]?.hosts.map(({ name }) => name);
    expect(told).toHaveLength(hosts.length - proven);
    expect(told?.slice(0, 2)).toEqual(['esx37.example.org', 'esx40.example.org']);
    expect(JSON.stringify(payload).length).toBeLessThan(30_000);
    expect(await differences(false)).toEqual([]);
    const batches = batchesSince(before);
    expect(batches.filter((batch) => batch.some((host) => host.proven))).toHaveLength(BATCHES);
    expect(estate.aws.lambda.invocations(WORKER).length - before).toBe(batches.length + 1);
    const workers = estate.aws.lambda.invocations(WORKER).slice(before);
    expect(Math.max(...workers.map(({ atOnce }) => atOnce))).toBeGreaterThanOrEqual(BATCHES);
    expect([...pidsSince(before)].filter((pid) => !warm.has(pid))).toEqual([]);
    const changed = () =>
      logLines(estate.aws.lambda.log()).filter(({ message }) => message === 'host outcome changed');
    await expect.poll(changed).toEqual([
      expect.objectContaining({
        host: 'esx30.example.org',
        before: 'vcenter ok, ssh failed(auth)',
        now: 'vcenter ok, ssh skipped(blacklist)',
      }),
    ]);
  });
});
