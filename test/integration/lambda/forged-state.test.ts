import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createDynamoTable } from '../../../lib/state/dynamo/table.ts';
import { createState } from '../../../lib/state/state.ts';
import { type DemoEstate, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { targetOf } from '../../support/lambda/reply.ts';

const A = 'vc-a.example.org';
const B = 'vc-b.example.org';
const o = { signal: new AbortController().signal };
const [first, second, ofB] = healthyHosts(3, { network: 36 });
if (first === undefined || second === undefined || ofB === undefined) throw new RangeError('three hosts');
const ENTRY = z.looseObject({ moref: z.string(), name: z.string() });
const LIST = z.looseObject({ hosts: z.array(ENTRY) });

describe('a state table that somebody else writes', () => {
  let estate: DemoEstate;
  /** The table without the secret, as whoever may write it has it. */
  const forger = () => {
    const { client, tableName } = estate.aws.dynamodb;
    return createState({
      table: createDynamoTable({ client, tableName, clock: systemClock }),
      clock: systemClock,
    });
  };
  const endpointOf = ({ address }: { address: string }) => `${address}:${estate.esxi.port}`;
  const sweepA = async () => targetOf(await estate.sweepNext({ target: A }), A);
  const loginsOfB = () => estate.esxi.loginAttempts(ofB.address).accepted;
  beforeAll(async () => {
    estate = await startDemoEstate({ targets: { [A]: [first, second], [B]: [ofB] } });
    for (const _run of [1, 2])
      expect(await sweepA()).toMatchObject({ problems: [], paths: { ssh: { ok: 2 } } });
    expect(loginsOfB()).toBe(0);
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  const addHost = async (state: ReturnType<typeof forger>) => {
    const list = await estate.aws.dynamodb.state.hostLists.read(A, LIST, o);
    const [one] = list?.hosts.hosts ?? [];
    const hosts = [...(list?.hosts.hosts ?? []), { ...one, moref: 'host-99', name: ofB.name }];
    await state.hostLists.write(A, { ...list?.hosts, hosts }, o);
  };
  const whileDown = async <T>(work: () => Promise<T>): Promise<T> => {
    estate.vcenters[A]?.misbehave({ kind: 'echo', fault: 'RuntimeFault', operation: 'RetrievePropertiesEx' });
    try {
      return await work();
    } finally {
      estate.vcenters[A]?.misbehave(undefined);
    }
  };

  it('cannot add a host to a list, not even while the vCenter is down: the list counts as absent, and is made anew', async () => {
    await addHost(forger());
    const before = loginsOfB();
    const { payload } = await whileDown(() => estate.sweepNext({ target: A }));
    expect(JSON.stringify(payload)).toContain('RunFailedError');
    expect(loginsOfB()).toBe(before);
    const { problems, paths, listing } = await sweepA();
    expect(problems.join()).toContain('was not written by the functions of this stack');
    expect({ paths, listing }).toMatchObject({ listing: 'fresh', paths: { ssh: { hosts: 2, ok: 2 } } });
    expect((await sweepA()).problems).toEqual([]);
    expect(loginsOfB()).toBe(before);
  });

  it('would add it if its list were believed', async () => {
    await addHost(estate.aws.dynamodb.state);
    const before = loginsOfB();
    await whileDown(sweepA);
    expect(loginsOfB()).toBe(before + 1);
    await sweepA();
  });

  it('cannot have another key believed: the one that the host shows is pinned anew, and that is told', async () => {
    const { state } = estate.aws.dynamodb;
    const endpoint = endpointOf(first);
    const pinned = await state.hostKeys.read(endpoint, o);
    const key = { type: 'ssh-ed25519', blob: 'b3RoZXI=' };
    expect(await forger().hostKeys.replace(endpoint, { key, target: A, seen: pinned }, o)).toBe(true);
    const { problems, paths } = await sweepA();
    expect(problems.join()).toContain(`the host keys of ${endpoint} in the state table were not written by`);
    expect(paths.ssh).toMatchObject({ hosts: 2, ok: 2 });
    expect(await state.hostKeys.read(endpoint, o)).toMatchObject({ type: pinned?.type, blob: pinned?.blob });
    expect((await sweepA()).problems).toEqual([]);
  });
});
