import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { openEmbeddedState } from '../../../lib/state/embedded.ts';
import { createState } from '../../../lib/state/state.ts';
import { createTable } from '../../../lib/state/table.ts';
import { runSweep } from '../../../lib/sweep/run-sweep.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { createEstate, createFastClock } from '../sweep/fake-estate.ts';

const o = { signal: new AbortController().signal };
const HOSTS = 10_000;
const BATCHES = HOSTS / 250;
const addresses = Array.from({ length: HOSTS }, (_, n) => `10.1.${n >> 8}.${n & 255}`);
const HOST_ADDRESS = /10\.1\.\d+\.\d+/;
const WRITES = ['PutItemCommand', 'UpdateItemCommand', 'DeleteItemCommand', 'BatchWriteItemCommand'];

/** Every request that the client sends from now on, attempts and pages each counted. */
function watch(client: DynamoDBDocumentClient) {
  const sent: { readonly command: string; readonly body: string }[] = [];
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const { body } = args.request as { body: Uint8Array };
        sent.push({ command: commandName, body: new TextDecoder().decode(body) });
        return next(args);
      },
    { step: 'finalizeRequest', priority: 'low', name: 'watch' },
  );
  return sent;
}

describe('a run over 10,000 hosts that have all accepted the credential', () => {
  it('writes nothing for a host, reads consistently what forbids a login, and each host by itself only once', async () => {
    await using folder = await createTemporaryFolder('steady-state');
    await using embedded = await openEmbeddedState(
      { path: folder.path, clock: systemClock, log: silentLog },
      o,
    );
    // Time passes slowly, so that a busy machine does not end the run.
    const clock = createFastClock(0.05);
    const state = createState({ ...embedded, clock });
    const well = 'well' as const;
    const hosts = addresses.map((address) => ({ address, ssh: well }));
    const vcenter = { hosts, login: well, listing: well, ticket: well, clone: well, retrieval: well };
    const estate = createEstate({
      targets: [{ ...vcenter, close: well }],
      state,
      clock,
      batch: () => 'well',
    });
    const { config, credentials } = estate.sweep;
    const { id, username, version } = await credentials.read({ env: 'X' }, o);
    const target = config.targets[0]?.name ?? '';
    await createTable({ ...embedded, clock }).writeAll(
      addresses.flatMap((address) => {
        const key = { type: 'ssh-rsa', blob: btoa(address), pinnedAt: 0, target };
        return [
          { put: { pk: `proven#${username}`, sk: address, version } },
          { put: { pk: 'hostkeys', sk: `${address}:22`, ...key } },
        ];
      }),
      o,
    );
    const unknown = await state.credentialStates.read(id, o);
    await state.credentialStates.replace({ id, provenVersion: version }, unknown, o);
    const [sweep] = config.sweeps;
    if (sweep === undefined) throw new RangeError('the estate has no sweep');

    // What stands in items of their own is read once, and kept packed.
    const gathering = await runSweep({ sweep }, estate.sweep, o);
    expect(gathering.targets[0]?.paths.ssh).toMatchObject({ hosts: HOSTS, ok: HOSTS });
    const sent = watch(embedded.client);
    const summary = await runSweep({ sweep }, estate.sweep, o);

    expect(summary.targets[0]?.paths.ssh).toMatchObject({ hosts: HOSTS, ok: HOSTS });
    expect(sent.filter(({ command, body }) => WRITES.includes(command) && HOST_ADDRESS.test(body))).toEqual(
      [],
    );
    expect(sent.filter(({ command }) => command === 'BatchGetItemCommand')).toEqual([]);
    const reads = sent.filter(({ command }) => ['GetItemCommand', 'QueryCommand'].includes(command));
    const eventual = reads.filter(({ body }) => !body.includes('"ConsistentRead":true'));
    // Chunks of a list or of a roll, which never change.
    expect(eventual.filter(({ body }) => !body.includes(`"target#${target}"`))).toEqual([]);
    const queriesOf = (pk: string) =>
      sent.filter(({ command, body }) => command === 'QueryCommand' && body.includes(`"${pk}"`));
    expect(queriesOf(`account#${username}`)).toHaveLength(1);
    expect(queriesOf('hostkeys')).toEqual([]);
    const flights = sent.filter(
      ({ command, body }) => command === 'PutItemCommand' && body.includes('flight#'),
    );
    // One a batch; on a busy machine the client may write the same one again.
    expect(new Set(flights.map(({ body }) => /flight#[^"]+/.exec(body)?.[0])).size).toBe(BATCHES);
    expect(sent.length - flights.length).toBeLessThan(30);
    expect(await state.flights.readAll(sweep.name, target, o)).toEqual([]);
  }, 120_000);
});
