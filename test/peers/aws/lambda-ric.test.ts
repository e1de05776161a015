import { afterAll, beforeAll, expect, it } from 'vitest';
import { WORKER } from '../../support/lambda/aws.ts';
import { type DemoEstate, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { summaryOf } from '../../support/lambda/reply.ts';
import { describeWithPeers, lambdaRic } from '../../support/peers/peer-requirements.ts';

const TARGET = 'vc01.example.org';

describeWithPeers(['lambda-ric'], "AWS's own runtime interface client", () => {
  let estate: DemoEstate;
  beforeAll(async () => {
    const runtime = [lambdaRic, 'index.handler'];
    estate = await startDemoEstate({
      targets: { [TARGET]: healthyHosts(3, { network: 32 }) },
      sweep: { runtime },
      worker: { runtime },
    });
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  it('starts the bundles, hands them their events and takes their answers', async () => {
    const reply = await estate.sweepNext();
    expect(reply.functionError).toBeUndefined();
    expect(summaryOf(reply)).toMatchObject({
      exitCode: 0,
      targets: [
        { deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }], paths: { ssh: { hosts: 3, ok: 3 } } },
      ],
    });
    expect(estate.aws.lambda.invocations(WORKER).length).toBeGreaterThan(0);
  });

  it('answers what a bundle throws by the name of its class', async () => {
    const { functionError, payload } = await estate.aws.sweep({ sweep: 'nothing' });
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({
      errorType: 'EventError',
      errorMessage: 'there is no sweep "nothing"; known sweeps: services',
    });
  });
});
