import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { ClassicLevel } from 'classic-level';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { openEmbeddedState } from '../../../lib/state/embedded.ts';
import { createState } from '../../../lib/state/state.ts';
import { stateContract } from './state-contract.ts';

const { signal } = new AbortController();
const o = { signal };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vsweep-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

const open = (name: string) =>
  openEmbeddedState({ path: join(folder, name), clock: systemClock, log: silentLog }, o);

stateContract('the embedded state', () => open('contract'));

describe('openEmbeddedState', () => {
  it('keeps everything when it is closed and opened again', async () => {
    const lease = { holder: 'run-1', endsAt: Date.UTC(2100, 0, 1) };
    const last = { scheduledAt: 1, startedAt: 2, endedAt: 3, exitCode: 0, outcomes: { 'host-1 ssh': 'ok' } };
    {
      await using embedded = await open('kept');
      const state = createState({ ...embedded, clock: systemClock });
      await state.accounts.recordRefusal('root', 'esx01', { version: 'v1' }, o);
      await state.hostKeys.pin('esx01:22', { key: { type: 'ssh-rsa', blob: 'AAAA' }, target: 'vc01' }, o);
      await state.runs.acquireLease('services', 'vc01', lease, o);
      await state.runs.writeLast('services', 'vc01', last, o);
      await state.groups.record('job', 'vc01', o);
    }
    await using embedded = await open('kept');
    const state = createState({ ...embedded, clock: systemClock });
    expect(await state.accounts.list(o)).toMatchObject([{ user: 'root', address: 'esx01', refusals: 1 }]);
    expect((await state.hostKeys.readAll(o)).get('esx01:22')).toMatchObject({ blob: 'AAAA' });
    expect(await state.runs.confirmLease('services', 'vc01', 'run-1', o)).toBe(true);
    expect(await state.runs.readLast('services', 'vc01', o)).toEqual(last);
    expect(await state.groups.readAll(o)).toEqual([{ job: 'job', instance: 'vc01' }]);
  });

  it('makes a folder for its owner alone and refuses one that others can enter', async () => {
    const path = join(folder, 'new', 'state');
    await (await open('new/state'))[Symbol.asyncDispose]();
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await chmod(path, 0o750);
    await expect(open('new/state')).rejects.toMatchObject({
      code: 'insecure',
      message: expect.stringContaining(`chmod 700 ${path}`),
    });
  });

  it('leaves no socket and no claim behind when it is closed', async () => {
    const embedded = await open('tidy');
    expect(await readdir(join(folder, 'tidy'))).toEqual(['lock', 'owner.pid', 'socket', 'table']);
    await embedded[Symbol.asyncDispose]();
    expect(await readdir(join(folder, 'tidy'))).toEqual(['lock', 'table']);
  });

  it('works in a folder whose path is longer than a socket may have', async () => {
    const name = join('long', ...Array.from({ length: 8 }, () => 'a-folder-with-a-long-name'));
    await using embedded = await open(name);
    await using guest = await open(name);
    await createState({ ...embedded, clock: systemClock }).groups.record('job', 'vc01', o);
    expect(await createState({ ...guest, clock: systemClock }).groups.readAll(o)).toHaveLength(1);
  });

  it('says which file is damaged, gives the folder back and names the remedy', async () => {
    const path = join(folder, 'damaged');
    await mkdir(join(path, 'table'), { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    await writeFile(join(path, 'table', 'CURRENT'), 'nonsense');
    const failure = expect.objectContaining({ name: 'StateError', code: 'refused', retryable: false });
    await expect(open('damaged')).rejects.toEqual(failure);
    await expect(open('damaged')).rejects.toThrow(`The state in ${path} cannot be opened`);
  });

  it('starts afresh after a process that died while it created the table', async () => {
    const path = join(folder, 'half-made');
    await mkdir(path, { mode: 0o700 });
    const files = new ClassicLevel(join(path, 'table'));
    await files.put('table~vsweep', JSON.stringify({ TableName: 'vsweep', TableStatus: 'CREATING' }));
    await files.close();
    await using embedded = await open('half-made');
    const state = createState({ ...embedded, clock: systemClock });
    await state.groups.record('job', 'vc01', o);
    expect(await state.groups.readAll(o)).toEqual([{ job: 'job', instance: 'vc01' }]);
  });

  it('names the item that is malformed', async () => {
    await using embedded = await open('malformed');
    const { client, tableName: TableName } = embedded;
    const state = createState({ ...embedded, clock: systemClock });
    const put = (Item: Record<string, unknown>) => client.send(new PutCommand({ TableName, Item }));
    await put({ pk: 'account#root', sk: 'esx01', user: 'root', address: 'esx01', refusals: 'many' });
    await put({
      pk: 'run#services#vc01',
      sk: 'last',
      scheduledAt: 1,
      startedAt: 2,
      endedAt: 3,
      exitCode: 0,
      outcomes: new Uint8Array([1, 2]),
    });
    await expect(state.accounts.readAll('root', o)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('pk="account#root" sk="esx01"'),
    });
    await expect(state.runs.readLast('services', 'vc01', o)).rejects.toMatchObject({ code: 'malformed' });
  });

  it('reads the old list or the new one after a writer died in between, and clears its chunks later', async () => {
    await using embedded = await open('half-written');
    const { client, tableName: TableName } = embedded;
    let now = Date.UTC(2026, 0, 1);
    const state = createState({ ...embedded, clock: { ...systemClock, now: () => now } });
    const schema = z.array(z.string());
    await state.hostLists.write('vc01', ['old'], o);
    const orphan = { pk: 'target#vc01', sk: 'hosts#dead#0000' };
    const Item = { ...orphan, generation: 'dead', writtenAt: now, bytes: new Uint8Array(9) };
    await client.send(new PutCommand({ TableName, Item }));
    expect(await state.hostLists.read('vc01', schema, o)).toMatchObject({ hosts: ['old'] });

    const isThere = async () =>
      (await client.send(new GetCommand({ TableName, Key: orphan }))).Item !== undefined;
    await state.hostLists.write('vc01', ['new'], o);
    expect(await isThere()).toBe(true);
    now += 2 * 60 * 60_000;
    await state.hostLists.write('vc01', ['newer'], o);
    expect(await isThere()).toBe(false);
    expect(await state.hostLists.read('vc01', schema, o)).toEqual({ listedAt: now, hosts: ['newer'] });
  });

  it('is unavailable, and may be tried again, when nobody serves the table any more', async () => {
    const embedded = await open('gone');
    const state = createState({ ...embedded, clock: systemClock });
    await embedded[Symbol.asyncDispose]();
    await expect(state.groups.readAll(o)).rejects.toMatchObject({
      name: 'StateError',
      code: 'unavailable',
      retryable: true,
    });
  });
});
