import { describe, expect, it } from 'vitest';
import { type Reply, SWEEP, WORKER } from '../../support/lambda/aws.ts';
import { startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { NEW_ACCOUNT } from '../../support/lambda/lambda-service.ts';
import { summaryOf, targetOf } from '../../support/lambda/reply.ts';
import { expectDocumented } from '../sweep/faults/expect-documented.ts';

const HOSTS = 2;
const targetsOf = (count: number, network: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `vc${index + 1}.example.org`,
      healthyHosts(HOSTS, { network: network + index }),
    ]),
  );

const NO_REPLY: Reply = { status: undefined, payload: undefined, functionError: undefined };

describe('runs that use up the concurrency of the account between them (split: target)', () => {
  it.each([
    ['three at a limit of three', 3, 3, 70],
    ['ten in a new account', 10, NEW_ACCOUNT, 80],
  ])('are complete, though no worker ever finds a place: %s', async (...row) => {
    const [, count, accountConcurrency, network] = row;
    const targets = targetsOf(count, network);
    await using estate = await startDemoEstate({ targets, accountConcurrency });
    const { aws, sweepNext } = estate;
    // Of a new credential one run has the trial, and the others wait for it.
    for (const target of Object.keys(targets)) await sweepNext({ target });
    // They begin together, as schedules of a minute do, and none is over before its worker would be needed.
    await aws.lambda.warmUp(SWEEP, count);

    const replies = await Promise.all(Object.keys(targets).map((target) => sweepNext({ target })));

    for (const [index, target] of Object.keys(targets).entries()) {
      const reply = replies[index];
      expect(targetOf(reply ?? NO_REPLY, target)).toMatchObject({
        status: 'swept',
        deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
        paths: { vcenter: { ok: HOSTS, failed: 0 }, ssh: { ok: HOSTS, failed: 0 } },
      });
    }
    const alone = replies.map((reply) => summaryOf(reply)).find(({ targets: [one] }) => one?.problems.length);
    const { paths, problems = [] } = alone?.targets[0] ?? {};
    expectDocumented('no worker starts: the account has no concurrency left, or Lambda is out of reach', {
      exitCode: alone?.exitCode,
      told: problems,
      vcenter: Object.keys(paths?.vcenter?.reasons ?? {}),
      ssh: Object.keys(paths?.ssh?.reasons ?? {}),
      pushed: estate.gateway.seen.at(-1)?.text ?? '',
    });
    const told = replies.flatMap((reply) => summaryOf(reply).targets).flatMap(({ problems }) => problems);
    expect(told.join('\n')).toContain('the sweep function collected batches itself: ');
    expect(told.join('\n')).toContain('TooManyRequestsException: Rate Exceeded. Raise the quota');
    expect(aws.lambda.throttles(WORKER)).toBeGreaterThan(0);
    expect(await aws.dynamodb.state.accounts.list({ signal: new AbortController().signal })).toEqual([]);
    expect((await aws.dynamodb.items()).filter(({ sk }) => /^(?:lease|flight#)/.test(String(sk)))).toEqual(
      [],
    );
  });
});
