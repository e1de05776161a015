import { expect, it } from 'vitest';
import * as z from 'zod';
import { type ChunkedValues, createChunkedValues } from '../../../lib/state/chunked-value.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { createClaimStore } from '../../../lib/state/stores/claims.ts';
import { createCredentialStateStore } from '../../../lib/state/stores/credential-states.ts';
import { createDeviceListStore } from '../../../lib/state/stores/device-lists.ts';
import { createEventTallyStore } from '../../../lib/state/stores/event-tallies.ts';
import { createFillStore } from '../../../lib/state/stores/fills.ts';
import { createFlightStore } from '../../../lib/state/stores/flights.ts';
import { createGroupStore } from '../../../lib/state/stores/groups.ts';
import { createHostKeyStore } from '../../../lib/state/stores/host-keys.ts';
import { createHostListStore } from '../../../lib/state/stores/host-lists.ts';
import { createRollStore } from '../../../lib/state/stores/rolls.ts';
import { createRunStore } from '../../../lib/state/stores/runs.ts';
import { createSeriesListStore } from '../../../lib/state/stores/series-lists.ts';
import { createStamps } from '../../../lib/state/stores/stamps.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };

/** docs/architecture.md has the keys; a table that an earlier version wrote has them too. */
it('keeps what it keeps under the keys by which earlier versions know it', async () => {
  const table = createMemoryTable();
  const accounts = createAccountStore({ table, now: () => 0 });
  await accounts.recordSuccess('root', 'esx01', { version: 'v1' }, o);
  await accounts.recordRefusal('root', 'esx02', { version: 'v1' }, o);
  const credentials = createCredentialStateStore({ table });
  await credentials.replace({ id: 'env:ESXI' }, { state: { id: 'env:ESXI' }, revision: 0 }, o);
  await createGroupStore({ table }).record({ job: 'vsweep', instance: 'vc01' }, o);
  const values = createChunkedValues({ table, now: () => 0, randomId: () => 'g1' });
  await createHostListStore({ values }).write('vc01', [], o);
  const roll = { readAt: 0, user: 'root', keysChange: '', proven: new Map(), keys: new Map() };
  await createRollStore({ values }).write('vc01', roll, o);
  await createDeviceListStore({ values }).write('hash', [], o);
  await createSeriesListStore({ table, values }).write({ job: 'vsweep', instance: 'vc01' }, [], o);
  const tally = { at: 1, from: 1, totals: {}, seen: [] };
  const kept = { tally, over: undefined, runId: 'run-1' };
  await createEventTallyStore({ table }).write('watch', 'vc01', kept, o);
  const stamps = createStamps({ table, now: () => 0, randomId: () => 'x' });
  await stamps.renew('hostkeys', o);
  const key = { type: 'ssh-rsa', blob: 'AAAA' };
  await createHostKeyStore({ table, now: () => 0, stamps }).pin('esx01:22', { key, target: 'vc01' }, o);
  const runs = createRunStore({ table, now: () => 0 });
  await runs.acquireLease('watch', 'vc01', { holder: 'run-1', endsAt: 1 }, o);
  await runs.writeLast('watch', 'vc01', { scheduledAt: 0, startedAt: 0, endedAt: 0, exitCode: 0 }, o);
  const flight = { id: 'f1', batch: 0, user: 'root', version: 'v1', addresses: [], unproven: [] };
  await createFlightStore({ table, now: () => 0 }).begin('watch', 'vc01', flight, o);
  const plan = { batches: [], kept: [], again: 0, newest: 0, series: 1 };
  const of = { sweep: 'watch', target: 'vc01', sink: 'vm' };
  await createFillStore({ table }).plan(of, { plan, over: undefined, runId: 'run-1' }, o);
  const batch = { target: 'vc01', runId: 'run-1', batch: 3, until: 0 };
  await createClaimStore({ table, randomId: () => 'x' }).take(batch, o);

  const keys = [
    ['proven#root', 'esx01'],
    ['account#root', 'esx02'],
    ['accounts', 'root'],
    ['credential#env:ESXI', 'state'],
    ['groups', 'vsweep#vc01'],
    ['target#vc01', 'hosts'],
    ['target#vc01', 'hosts#g1#0000'],
    ['target#vc01', 'roll'],
    ['target#vc01', 'roll#g1#0000'],
    ['run#watch#vc01', 'events'],
    ['netbox#hash', 'meta'],
    ['netbox#hash', 'chunk#g1#0000'],
    ['series#vsweep#vc01', 'meta'],
    ['series#vsweep#vc01', 'chunk#g1#0000'],
    ['stamps', 'hostkeys'],
    ['hostkeys', 'esx01:22'],
    ['run#watch#vc01', 'lease'],
    ['run#watch#vc01', 'last'],
    ['run#watch#vc01', 'flight#f1'],
    ['flights', 'watch#vc01'],
    ['run#watch#vc01', 'fill#vm'],
    ['run#watch#vc01', 'fill-done#vm'],
    ['claim#vc01', 'run-1#3'],
  ] as const;
  for (const [pk, sk] of keys) expect(await table.get({ pk, sk }, o)).toMatchObject({ pk, sk });
});

it('says of a value what it is where others write it again and again', async () => {
  const asked: string[] = [];
  const values: ChunkedValues = {
    read: async ({ what }) => void asked.push(what),
    write: async () => undefined,
  };
  await createHostListStore({ values }).read('vc01', z.unknown(), o);
  await createRollStore({ values }).read('vc01', o);
  await createDeviceListStore({ values }).read('7c1f', z.unknown(), o);
  const table = createMemoryTable();
  await createSeriesListStore({ table, values }).read({ job: 'vsweep', instance: 'vc01' }, z.unknown(), o);
  expect(asked).toEqual([
    'The host list of vc01',
    'What is known of the hosts of vc01',
    "NetBox's last answer (7c1f)",
    'The list of series of vsweep on vc01',
  ]);
});
