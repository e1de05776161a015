import { describe, expect, it } from 'vitest';
import { SWEEP } from '../../support/lambda/aws.ts';
import { startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { statusesOf, summaryOf, sweepUntilWhole, targetOf } from '../../support/lambda/reply.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';

const TARGET = 'vc01.example.org';

describe('a sweep function that Lambda gives less time than it would need', () => {
  it('pushes what came in, and logs out, before its end', async () => {
    const hosts = healthyHosts(3, { network: 25 });
    await using estate = await startDemoEstate({
      targets: { [TARGET]: hosts },
      sshSeconds: 8,
    });
    await sweepUntilWhole(estate.sweepNext);
    const pushes = estate.gateway.seen.length;
    const vcenter = estate.vcenters[TARGET];
    vcenter?.misbehave({ kind: 'hang', operation: 'CloneSession' });
    await estate.esxi.setBehaviour(hosts[1]?.address ?? '', 'hangs-after-exec');

    // A run of 22 s, of which 15.4 s are for collecting.
    estate.aws.lambda.limit(SWEEP, 25_000);
    const reply = await estate.sweepNext();

    expect(summaryOf(reply).exitCode).toBe(3);
    const { deliveries, paths } = targetOf(reply, TARGET);
    expect(deliveries).toEqual([{ sink: 'pushgateway', outcome: 'delivered' }]);
    expect(paths.vcenter).toMatchObject({ hosts: 3, ok: 0, failed: 3 });
    expect(paths.ssh).toMatchObject({ hosts: 3, ok: 2, failed: 1, reasons: { 'failed(exec-timeout)': 1 } });
    expect(estate.gateway.seen).toHaveLength(pushes + 1);
    expect(vcenter?.sessions()).toBe(0);
  });
});

describe('a sweep function that Lambda has to end', () => {
  it('holds its lease no longer than it could have run, and the next run goes on', async () => {
    const [host] = healthyHosts(1, { network: 26 });
    const address = host?.address ?? '';
    await using estate = await startDemoEstate({
      targets: { [TARGET]: host === undefined ? [] : [host] },
    });
    await sweepUntilWhole(estate.sweepNext);
    await estate.aws.lambda.warmUp(SWEEP, 1);
    const pushes = estate.gateway.seen.length;
    const runs = estate.aws.lambda.invocations(SWEEP).length;
    const { accepted } = estate.esxi.loginAttempts(address);
    estate.aws.lambda.limit(SWEEP, 30_000);
    await estate.esxi.setBehaviour(address, 'hangs-after-exec');
    const ended = estate.sweepNext();
    const isAsked = () => estate.esxi.loginAttempts(address).accepted > accepted || undefined;
    await pollUntil('the login on the host', isAsked, { timeoutMs: 60_000, everyMs: 5 });
    estate.aws.lambda.invocations(SWEEP)[runs]?.sandbox.signal('SIGSTOP');

    expect(statusesOf(await estate.sweepNext())).toEqual({ [TARGET]: 'lease' });
    await estate.esxi.setBehaviour(address, 'normal');
    expect(await ended).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType: 'Sandbox.Timedout' },
    });
    const goesOn = async () => statusesOf(await estate.sweepNext())[TARGET] === 'swept' || undefined;
    await pollUntil('the next run', goesOn, { timeoutMs: 60_000 });
    expect(estate.gateway.seen).toHaveLength(pushes + 1);
  });
});
