import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { createState } from '../../../lib/state/state.ts';
import { startTable } from '../../support/lambda/dynamodb.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { stateContract } from './state-contract.ts';

const o = { signal: new AbortController().signal };
let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await createTemporaryFolder('state');
});
afterAll(() => folder[Symbol.asyncDispose]());

const open = (name: string) => openEmbeddedState({ path: join(folder.path, name), log: silentLog }, o);

stateContract('the state in a file', () => open('contract'));

stateContract('the state in DynamoDB', startTable);

describe('the stores', () => {
  it('find everything again when the file is closed and opened', async () => {
    const lease = { holder: 'run-1', endsAt: Date.UTC(2100, 0, 1) };
    const last = { scheduledAt: 1, startedAt: 2, endedAt: 3, exitCode: 0, outcomes: { 'host-1 ssh': 'ok' } };
    {
      await using embedded = await open('kept');
      const state = createState({ table: embedded.table, clock: systemClock });
      await state.accounts.recordRefusal('root', 'esx01', { version: 'v1' }, o);
      await state.hostKeys.pin('esx01:22', { key: { type: 'ssh-rsa', blob: 'AAAA' }, target: 'vc01' }, o);
      await state.runs.acquireLease('services', 'vc01', lease, o);
      await state.runs.writeLast('services', 'vc01', last, o);
      await state.groups.record({ job: 'job', instance: 'vc01' }, o);
    }
    await using embedded = await open('kept');
    const state = createState({ table: embedded.table, clock: systemClock });
    expect(await state.accounts.list(o)).toMatchObject([{ user: 'root', address: 'esx01', refusals: 1 }]);
    expect((await state.hostKeys.readAll(o)).get('esx01:22')).toMatchObject({ blob: 'AAAA' });
    expect(await state.runs.confirmLease('services', 'vc01', 'run-1', o)).toBe(true);
    expect(await state.runs.readLast('services', 'vc01', o)).toEqual(last);
    expect(await state.groups.readAll(o)).toEqual([{ job: 'job', instance: 'vc01' }]);
  });

  it('name the item that is malformed', async () => {
    await using embedded = await open('malformed');
    const state = createState({ table: embedded.table, clock: systemClock });
    const put = (item: { pk: string; sk: string }) => embedded.table.replace(item as never, o);
    const account = { user: 'root', address: 'esx01', refusals: 'many' };
    await put({ pk: 'account#root', sk: 'esx01', ...account });
    const times = { scheduledAt: 1, startedAt: 2, endedAt: 3, exitCode: 0 };
    const last = { pk: 'run#services#vc01', sk: 'last', ...times, outcomes: new Uint8Array([1, 2]) };
    await put(last);
    await expect(state.accounts.list(o)).resolves.toEqual([]);
    await expect(state.accounts.read('root', 'esx01', o)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('pk="account#root" sk="esx01"'),
    });
    await expect(state.runs.readLast('services', 'vc01', o)).rejects.toMatchObject({ code: 'malformed' });
  });

  it('read the old list or the new one after a writer died in between, and clear its chunks later', async () => {
    await using embedded = await open('half-written');
    let now = Date.UTC(2026, 0, 1);
    const clock = { ...systemClock, now: () => now };
    const { hostLists } = createState({ table: embedded.table, clock });
    const schema = z.array(z.string());
    await hostLists.write('vc01', ['old'], o);
    const orphan = { pk: 'target#vc01', sk: 'hosts#dead#0000' };
    const bytes = new Uint8Array(9);
    await embedded.table.replace({ ...orphan, generation: 'dead', writtenAt: now, bytes }, o);
    expect(await hostLists.read('vc01', schema, o)).toMatchObject({ hosts: ['old'] });

    const isThere = async () => (await embedded.table.get(orphan, o)) !== undefined;
    await hostLists.write('vc01', ['new'], o);
    expect(await isThere()).toBe(true);
    now += 2 * 60 * 60_000;
    await hostLists.write('vc01', ['newer'], o);
    expect(await isThere()).toBe(false);
    expect(await hostLists.read('vc01', schema, o)).toEqual({ listedAt: now, hosts: ['newer'] });
  });
});
