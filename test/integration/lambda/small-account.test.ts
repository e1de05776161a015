import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDemoRun } from '../../../lib/demo/check-demo-run.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { WORKER } from '../../support/lambda/aws.ts';
import { type DemoEstate, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { NEW_ACCOUNT } from '../../support/lambda/lambda-service.ts';
import { targetOf } from '../../support/lambda/reply.ts';
import { keptOutcomes, pushedFamilies } from '../../support/lambda/told-outcomes.ts';

const TARGET = 'vc01.example.org';
/** A new account may run 10 functions at once, and the sweep function is one of them. */
const CONCURRENCY = NEW_ACCOUNT - 1;
const BATCHES = 14;
const hosts = createDemoFleet();
/** As many as make so many batches of proven ones. */
const PER_BATCH = Math.floor(hosts.filter(({ expected }) => expected.ssh.first === 'ok').length / BATCHES);

describe('a run in an account of ten concurrent executions', () => {
  let estate: DemoEstate;
  beforeAll(async () => {
    estate = await startDemoEstate({
      targets: { [TARGET]: hosts },
      sshSeconds: 10,
    });
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  it('is complete, though more workers are wanted than may run', async () => {
    await estate.sweepNext();
    await estate.askInBatchesOf(PER_BATCH, TARGET);
    const before = estate.aws.lambda.invocations(WORKER).length;
    const reply = await estate.sweepNext();

    expect(targetOf(reply, TARGET)).toMatchObject({
      deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
      problems: [],
    });
    const families = pushedFamilies(estate.gateway.seen.at(-1)?.text ?? '');
    const outcomes = await keptOutcomes(estate.aws.dynamodb, TARGET, hosts);
    expect(checkDemoRun(hosts, { hosts: outcomes, families }, { isFirst: false })).toEqual([]);

    const workers = estate.aws.lambda.invocations(WORKER).slice(before);
    expect(workers.length).toBeGreaterThanOrEqual(BATCHES);
    expect(Math.max(...workers.map(({ atOnce }) => atOnce))).toBe(CONCURRENCY);
    expect(estate.aws.lambda.throttles(WORKER)).toBeGreaterThan(0);
  });
});
