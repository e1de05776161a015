import { strict as assert } from 'node:assert';
import { systemClock } from '../../lib/platform/clock.ts';
import { silentLog } from '../../lib/platform/log.ts';
import { openEmbeddedState } from '../../lib/state/sqlite/open.ts';
import { createState } from '../../lib/state/state.ts';
import { measure } from '../measured.ts';
import { nameOf } from '../simulated-fleet.ts';

/** What a run reads before it plans, for 10,000 hosts: every account row and every pinned host key. */
const HOSTS = 10_000;
const [USER, TARGET] = ['root', 'vc-bench.example.org'];
const order = JSON.parse(process.argv[2] ?? '{}') as { path: string; prepare: boolean };
const { signal } = new AbortController();

await using embedded = await openEmbeddedState({ path: order.path, log: silentLog }, { signal });
const state = createState({ table: embedded.table, clock: systemClock });

/** Straight into the table, 25 items a call: login by login it would take half a minute. */
async function prepare(): Promise<void> {
  const names = Array.from({ length: HOSTS }, (_, index) => nameOf(index));
  const accounts = names.map((address) => ({
    put: { pk: `proven#${USER}`, sk: address, version: '1' },
  }));
  const blob = Buffer.alloc(104, 'key').toString('base64');
  const keys = names.map((address) => ({
    put: {
      pk: 'hostkeys',
      sk: `${address}:22`,
      type: 'ecdsa-sha2-nistp256',
      blob,
      pinnedAt: 0,
      target: TARGET,
    },
  }));
  await embedded.table.writeAll([...accounts, ...keys], { signal });
}

async function read(): Promise<void> {
  const [accounts, keys] = await Promise.all([
    state.accounts.readAll(USER, { signal }),
    state.hostKeys.readAll({ signal }),
  ]);
  assert.deepEqual([accounts.size, keys.size], [HOSTS, HOSTS]);
}

console.log(JSON.stringify(await measure(order.prepare ? prepare : read)));
