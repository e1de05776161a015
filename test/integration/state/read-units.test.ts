import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createState } from '../../../lib/state/state.ts';
import type { BatchHost } from '../../../lib/sweep/batch.ts';
import { sliceBatches } from '../../../lib/sweep/plan/plan-hosts.ts';
import { sendByAddress } from '../../../lib/sweep/plan/shared-addresses.ts';
import { compareWithState } from '../../../lib/sweep/worker/compare-with-state.ts';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { startDynamodb } from '../../support/lambda/dynamodb.ts';
import { batchHost, batchRequest } from '../../unit/sweep/builders.ts';

const running = { signal: new AbortController().signal };
const credential = { id: 'secret:esxi', version: 'v1', username: 'root', scope: 'host' } as const;
/** As long as one of ECDSA, ESXi's own. */
const KEY = { type: 'ecdsa-sha2-nistp256', blob: Buffer.alloc(104, 7).toString('base64') };

/** Of a fleet of proven hosts in an order that has nothing to do with their addresses. */
const fleetOf = (count: number): BatchHost[] =>
  Array.from({ length: count }, (_, index) => {
    const mixed = (index * 617) % count;
    return batchHost(index, { address: `10.20.${mixed >> 8}.${mixed & 255}`, hostKey: KEY });
  });

it('costs what the workers compare with the table in proportion to the hosts', async () => {
  await using dynamodb = await startDynamodb();
  const client = new DynamoDBClient({ endpoint: dynamodb.url, ...TEST_ACCOUNT });
  let units = { read: 0, written: 0 };
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
        const { ConsumedCapacity } = answer.output as { ConsumedCapacity?: { CapacityUnits?: number } };
        const used = ConsumedCapacity?.CapacityUnits ?? 0;
        if (commandName === 'QueryCommand') units.read += used;
        else units.written += used;
        return answer;
      },
    { step: 'initialize' },
  );
  const { tableName } = dynamodb;
  const state = createState({ client: DynamoDBDocumentClient.from(client), tableName, clock: systemClock });
  const hosts = fleetOf(1_000);
  for (const some of sliceBatches(hosts, 40))
    await Promise.all(
      some.map(({ address }) => state.hostKeys.pin(`${address}:22`, { key: KEY, target: 'vc01' }, running)),
    );
  const compareFleet = async (some: readonly BatchHost[]) => {
    units = { read: 0, written: 0 };
    let batch = 0;
    await sendByAddress(some, {
      maxHosts: 250,
      async send(batchHosts) {
        batch += 1;
        const endsAt = systemClock.now() + 40_000;
        const runId = `run-${some.length}`;
        const request = batchRequest({ runId, batch, endsAt, credential, hosts: [...batchHosts] });
        const deps = { state, knownHosts: NO_KNOWN_HOSTS, clock: systemClock, log: silentLog };
        expect(await compareWithState(request, deps, running)).toEqual({ request, warnings: [] });
        return { batch, hosts: batchHosts, started: false, result: { status: 'rejected', reason: '' } };
      },
    });
    return units;
  };

  // A key is some 250 bytes; a unit is 4 KB. Four claims are a unit each.
  const whole = await compareFleet(hosts);
  expect(whole.written).toBe(4);
  expect(whole.read).toBeGreaterThan(50);
  expect(whole.read).toBeLessThanOrEqual(75);
  const quarter = await compareFleet(
    hosts.toSorted((a, b) => (a.address < b.address ? -1 : 1)).slice(0, 250),
  );
  expect(quarter.read).toBeLessThanOrEqual(Math.ceil(whole.read / 4) + 1);
  client.destroy();
}, 60_000);
