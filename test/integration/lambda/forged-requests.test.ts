import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSeals } from '../../../lib/platform/seal.ts';
import { type BatchRequest, encodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { sealRequest } from '../../../lib/sweep/sealed-request.ts';
import { WORKER } from '../../support/lambda/aws.ts';
import { INTEGRITY_SECRET } from '../../support/lambda/aws-environment.ts';
import { type DemoEstate, SECRETS, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { targetOf } from '../../support/lambda/reply.ts';
import { ADDRESSEE, asksIn, isAsk } from '../../support/lambda/sealed.ts';

const TARGET = 'vc01.example.org';
const hosts = healthyHosts(2, { network: 35 });
const isOfSweep = ({ payload }: { payload: string }) => !payload.includes('forged');
const logIns = ({ esxi }: DemoEstate) => hosts.map(({ address }) => esxi.loginAttempts(address).accepted);

describe('a worker that others may invoke', () => {
  let estate: DemoEstate;
  /** Of the sweep, as it asked both hosts. */
  let sent: BatchRequest;
  beforeAll(async () => {
    estate = await startDemoEstate({ targets: { [TARGET]: hosts } });
    // The first run proves them, the second one asks them in one batch.
    for (const _run of [1, 2])
      expect(targetOf(await estate.sweepNext(), TARGET).paths.ssh).toMatchObject({ ok: 2 });
    [sent] = asksIn(estate.aws.lambda.invocations(WORKER).toReversed()) as [BatchRequest];
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  /** The request as the sweep sends it now, for an address of the forger's. */
  const request = (changes: Partial<BatchRequest> = {}): BatchRequest => ({
    ...sent,
    runId: 'forged',
    endsAt: Date.now() + 20_000,
    ...changes,
  });
  const seal = createSeals(INTEGRITY_SECRET).batch;
  const envelopeOf = (what: BatchRequest, how: { seal?: typeof seal; addressee?: typeof ADDRESSEE } = {}) =>
    JSON.parse(
      Buffer.from(sealRequest(encodeBatchRequest(what), { seal, addressee: ADDRESSEE, ...how })).toString(),
    ) as { body: string; mac: string };
  const bodyOf = (what: BatchRequest) => JSON.parse(Buffer.from(encodeBatchRequest(what)).toString());

  /** The first request of the sweep that asks, or that reads. */
  const ofSweep = (asks: boolean) =>
    estate.aws.lambda
      .invocations(WORKER)
      .filter(isOfSweep)
      .find(({ payload }) => isAsk(payload) === asks)?.payload ?? '';

  const secretsRead = () => estate.aws.secrets.reads.filter(({ id }) => id === SECRETS.esxi).length;

  it.each<[string, () => unknown]>([
    ['without a seal', () => bodyOf(request())],
    ['sealed with another secret', () => envelopeOf(request(), { seal: createSeals('x'.repeat(64)).batch })],
    ['of another stack', () => envelopeOf(request(), { addressee: { ...ADDRESSEE, stack: 'other' } })],
    ['of another table', () => envelopeOf(request(), { addressee: { ...ADDRESSEE, table: 'other' } })],
    ['for another worker', () => envelopeOf(request(), { addressee: { ...ADDRESSEE, worker: 'other' } })],
    ['from the past', () => envelopeOf(request({ endsAt: Date.now() - 1 }))],
    ['for the far future', () => envelopeOf(request({ endsAt: Date.now() + 20 * 60_000 }))],
    [
      'with another address in a body that was sealed',
      () => {
        const { body, mac } = envelopeOf(request());
        return { body: body.replaceAll(hosts[0]?.address ?? '', '127.9.9.9'), mac };
      },
    ],
    [
      'no credential',
      () => {
        const { credential: _none, ...rest } = request();
        return envelopeOf(rest);
      },
    ],
  ])(
    'answers a request %s with a refusal, and neither reads the password nor logs in',
    async (_what, forge) => {
      const before = { logIns: logIns(estate), secretsRead: secretsRead() };
      const { payload, functionError } = await estate.aws.worker(forge());
      expect(functionError).toBeUndefined();
      expect(payload).toEqual({
        refused: expect.stringMatching(/^the worker refused the batch request: it/),
      });
      expect({ logIns: logIns(estate), secretsRead: secretsRead() }).toEqual(before);
      expect(estate.aws.lambda.log()).toContain('batch request refused');
    },
  );

  it('does what the sweep function sealed, once: sent again it is refused, also while it runs', async () => {
    const before = logIns(estate);
    const envelope = envelopeOf(request());
    const answers = await Promise.all([1, 2, 3].map(() => estate.aws.worker(envelope)));
    answers.push(await estate.aws.worker(envelope));
    const done = answers.filter(({ payload }) => !('refused' in (payload as object)));
    expect(done).toMatchObject([{ payload: { logins: hosts.map(() => [expect.any(String), 'accepted']) } }]);
    for (const { payload } of answers.filter((one) => !done.includes(one)))
      expect(payload).toEqual({ refused: expect.stringContaining('it was sent a second time'), taken: true });
    expect(logIns(estate)).toEqual(before.map((count) => count + 1));
  });

  it('refuses what the sweep sent in an earlier run, though the seal of it is right', async () => {
    const before = logIns(estate);
    const { payload } = await estate.aws.worker(JSON.parse(ofSweep(true)));
    expect(payload).toMatchObject({ refused: expect.stringMatching(/sent a second time|its time is over/) });
    expect(logIns(estate)).toEqual(before);
  });

  it('reads nothing for a request that the sweep sent before: its ticket opened a session once', async () => {
    const before = estate.vcenters[TARGET]?.stats.clones;
    const { payload } = await estate.aws.worker(JSON.parse(ofSweep(false)));
    if (!('refused' in (payload as object)))
      expect(payload).toMatchObject({
        outcomes: hosts.map(() => [expect.any(String), 'failed(session)']),
        families: [],
      });
    expect(estate.vcenters[TARGET]?.stats.clones).toBe(before);
  });

  it('asks no host whose pinned key is another in the table, and the others of the batch', async () => {
    const [first, second] = sent.hosts;
    if (first === undefined || second === undefined) throw new RangeError('the batch has two hosts');
    const before = logIns(estate);
    const forged = { ...first, hostKey: { type: 'ssh-ed25519', blob: 'AAAA' } };
    const { payload } = await estate.aws.worker(
      envelopeOf(request({ runId: 'key', hosts: [forged, second] })),
    );
    expect(payload).toMatchObject({
      outcomes: [
        [first.moref, 'skipped(hostkey-unknown)'],
        [second.moref, 'ok'],
      ],
    });
    expect(logIns(estate).reduce((sum, count) => sum + count)).toBe(
      before.reduce((sum, count) => sum + count) + 1,
    );
  });
});

describe('a sweep whose worker was deployed with another secret', () => {
  it('fails, with the remedy, and counts no refusal of its hosts', async () => {
    await using estate = await startDemoEstate({
      targets: { [TARGET]: hosts },
      worker: { env: { VSWEEP_STACK: 'another' } },
    });
    for (const _run of [1, 2, 3])
      expect((await estate.sweepNext()).payload).toMatchObject({
        errorMessage: expect.stringContaining('no host is ok on any path'),
      });
    expect(estate.aws.lambda.log()).toMatch(/it was not sealed by .*deploy the stack again/);
    const items = await estate.aws.dynamodb.items();
    expect(items.filter(({ pk }) => String(pk).startsWith('account#root'))).toEqual([]);
    expect(logIns(estate)).toEqual([0, 0]);
  });
});
