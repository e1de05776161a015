import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDemoRun } from '../../../lib/demo/check-demo-run.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { decodeBatchRequest } from '../../../lib/sweep/batch.ts';
import type { RunSummary } from '../../../lib/sweep/summary.ts';
import { WORKER } from '../../support/lambda/aws.ts';
import { type DemoEstate, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { spreadOverBatches } from '../../support/lambda/demo-hosts.ts';
import { keptOutcomes, pushedFamilies } from '../../support/lambda/told-outcomes.ts';

const TARGET = 'vc01.example.org';
const BATCHES = 3;
const hosts = spreadOverBatches(createDemoFleet(), BATCHES);

describe('a scheduled run, from the event through the bundles to the gateway', () => {
  let estate: DemoEstate;
  beforeAll(async () => {
    estate = await startDemoEstate({ targets: { [TARGET]: hosts } });
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  const differences = async (isFirst: boolean) => {
    const families = pushedFamilies(estate.gateway.seen.at(-1)?.text ?? '');
    const outcomes = await keptOutcomes(estate.aws.dynamodb, TARGET, hosts);
    return checkDemoRun(hosts, { hosts: outcomes, families }, { isFirst });
  };

  it('asks every host once, over several workers, and pushes the truth in one request', async () => {
    const { payload, functionError } = await estate.sweepNext();
    expect(functionError).toBeUndefined();
    const { exitCode, targets } = payload as RunSummary;
    const [target] = targets;
    expect(target).toMatchObject({ status: 'swept', listing: 'fresh', push: 'pushed', problems: [] });
    expect(target?.paths).toMatchObject({
      vcenter: { hosts: hosts.length, ok: hosts.length, failed: 0, skipped: 0 },
      ssh: { hosts: hosts.length, ok: 54, failed: 3, skipped: hosts.length - 57 },
    });
    expect(exitCode).toBe(3);

    const workers = estate.aws.lambda.invocations(WORKER);
    expect(new Set(workers.map(({ sandbox }) => sandbox.pid)).size).toBe(BATCHES);
    const asked = workers.flatMap((worker) => decodeBatchRequest(Buffer.from(worker.payload)).hosts);
    expect(asked.map(({ name }) => name).toSorted()).toEqual(hosts.map(({ name }) => name).toSorted());

    expect(estate.gateway.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `PUT /metrics/job/vsweep_services/instance/${TARGET}`,
    ]);
    expect(await differences(true)).toEqual([]);
  });

  it('leaves no session, no connection and no lease behind', async () => {
    expect(estate.vcenters[TARGET]?.sessions()).toBe(0);
    expect(estate.vcenters[TARGET]?.stats).toMatchObject({
      logins: 1,
      clones: BATCHES,
      logouts: BATCHES + 1,
    });
    expect(estate.esxi.connections()).toBe(0);
    expect((await estate.aws.dynamodb.items()).filter(({ sk }) => sk === 'lease')).toEqual([]);
  });

  it('goes over the fleet again in the same sandboxes, and leaves the host alone that refused', async () => {
    const before = estate.aws.lambda.invocations(WORKER).map(({ sandbox }) => sandbox.pid);
    const { functionError, payload } = await estate.sweepNext();
    expect(functionError).toBeUndefined();
    // The hosts that are powered off are not ok either, so the summary is cut, and small.
    const told = (payload as RunSummary).targets[0]?.hosts.map(({ name }) => name);
    expect(told).toHaveLength(50);
    expect(told?.slice(0, 2)).toEqual(['esx37.example.org', 'esx40.example.org']);
    expect(JSON.stringify(payload).length).toBeLessThan(30_000);
    expect(await differences(false)).toEqual([]);
    const pids = estate.aws.lambda.invocations(WORKER).map(({ sandbox }) => sandbox.pid);
    expect(new Set(pids)).toEqual(new Set(before));
    expect(pids).toHaveLength(2 * BATCHES);
  });
});
