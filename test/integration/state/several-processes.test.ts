import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { isSound } from '../../../lib/state/sqlite/inspect.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { inspectFile } from '../../../lib/state/sqlite/repair.ts';
import { createState } from '../../../lib/state/state.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { type StateProcess, startStateProcess } from './start-state-process.ts';

const o = { signal: new AbortController().signal };
const PATIENCE = { timeoutMs: 60_000 };

/** Lets a process write refusals, four at a time, each on an address of its own, until it is stopped or killed. */
function keepWriting(writer: StateProcess, user: string) {
  const acknowledged: string[] = [];
  const faults: unknown[] = [];
  let stopped = false;
  let last = 0;
  const loop = async () => {
    while (!stopped && faults.at(-1) !== 'gone') {
      last += 1;
      const address = `esx${last}`;
      await writer.call('refuse', user, address).then(
        () => acknowledged.push(address),
        (code: unknown) => faults.push(code),
      );
    }
  };
  const running = Promise.all([loop(), loop(), loop(), loop()]);
  return {
    writer,
    user,
    acknowledged,
    faults,
    /** Resolves when `count` more are acknowledged. */
    async more(count: number) {
      const goal = acknowledged.length + count;
      await pollUntil(`${user} writes on`, () => (acknowledged.length >= goal ? true : undefined), PATIENCE);
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/** Each refusal that was acknowledged by then is there once, and none is there twice. */
async function expectAllThere(
  path: string,
  written: readonly { user: string; acknowledged: readonly string[] }[],
) {
  expect(isSound(inspectFile(path))).toBe(true);
  await using embedded = await openEmbeddedState({ path, log: silentLog }, o);
  const { accounts } = createState({ table: embedded.table, clock: systemClock });
  for (const { user, acknowledged } of written) {
    const histories = await accounts.readUnsettled(user, o);
    expect(acknowledged.filter((address) => histories.get(address)?.refusals !== 1)).toEqual([]);
    expect([...histories.values()].filter(({ refusals }) => refusals > 1)).toEqual([]);
  }
}

describe('several processes on one state folder', () => {
  it('lose and double no acknowledged write while one after the other is killed', async () => {
    await using folder = await createTemporaryFolder('several-killed');
    await using processes = new AsyncDisposableStack();
    const path = join(folder.path, 'state');
    const written: ReturnType<typeof keepWriting>[] = [];
    const startOne = async () => {
      const one = processes.use(await startStateProcess(path));
      const writing = keepWriting(one, `writer-${written.length}`);
      written.push(writing);
      return writing;
    };
    const alive = await Promise.all(Array.from({ length: 3 }, startOne));
    for (let kills = 0; kills < 6; kills += 1) {
      await Promise.all(alive.map((one) => one.more(15)));
      const [victim] = alive.splice(kills % alive.length, 1);
      await victim?.writer.kill();
      await victim?.stop();
      alive.push(await startOne());
    }
    await Promise.all(alive.map((one) => one.more(15)));
    await Promise.all(written.map((one) => one.stop()));
    expect(alive.flatMap(({ faults }) => faults)).toEqual([]);
    expect(await Promise.all(alive.map(({ writer }) => writer.close()))).toEqual(['', '', '']);
    await expectAllThere(path, written);
  });

  it('leave with a copy of the files, at any moment, all that was acknowledged by then', async () => {
    await using folder = await createTemporaryFolder('several-copied');
    await using processes = new AsyncDisposableStack();
    const path = join(folder.path, 'state');
    const written = await Promise.all(
      ['one', 'two'].map(async (user) => keepWriting(processes.use(await startStateProcess(path)), user)),
    );
    const copies: { path: string; then: { user: string; acknowledged: string[] }[] }[] = [];
    for (let copy = 0; copy < 8; copy += 1) {
      await Promise.all(written.map((one) => one.more(5 + copy)));
      for (const { writer } of written) process.kill(writer.pid, 'SIGSTOP');
      const then = written.map(({ user, acknowledged }) => ({ user, acknowledged: [...acknowledged] }));
      const to = join(folder.path, `copy-${copy}`);
      await mkdir(to, { mode: 0o700 });
      // As after a power cut: the shared memory is gone.
      for (const file of ['state.sqlite', 'state.sqlite-wal'])
        await copyFile(join(path, file), join(to, file));
      for (const { writer } of written) process.kill(writer.pid, 'SIGCONT');
      copies.push({ path: to, then });
    }
    await Promise.all(written.map((one) => one.stop()));
    for (const { path: copied, then } of copies) await expectAllThere(copied, then);
  });

  it('have one winner for each host key and each lease', async () => {
    await using folder = await createTemporaryFolder('several-racing');
    await using processes = new AsyncDisposableStack();
    const path = join(folder.path, 'state');
    const starting = Array.from({ length: 3 }, () => startStateProcess(path));
    const racers = (await Promise.all(starting)).map((one) => processes.use(one));
    const names = Array.from({ length: 20 }, (_, n) => `name-${n}`);
    const race = (call: (racer: StateProcess, name: string, n: number) => Promise<unknown>) =>
      Promise.all(names.map((name) => Promise.all(racers.map((racer, n) => call(racer, name, n)))));
    const pins = await race((racer, name, n) => racer.call('pin', `${name}:22`, btoa(`key ${n}`)));
    for (const answers of pins) expect(answers.filter((answer) => answer === 'pinned')).toHaveLength(1);
    const leases = await race((racer, name, n) => racer.call('lease', name, `run-${n}`));
    for (const answers of leases) expect(answers.filter((answer) => answer === 'acquired')).toHaveLength(1);
  });

  it('go on when one of them is stopped, unless it is stopped in the middle of a write', async () => {
    await using folder = await createTemporaryFolder('several-stopped');
    const path = join(folder.path, 'state');
    await using stopped = await startStateProcess(path);
    await stopped.call('refuse', 'root', 'esx01');
    process.kill(stopped.pid, 'SIGSTOP');
    await using other = await startStateProcess(path);
    expect(await other.call('refuse', 'root', 'esx01')).toMatchObject({ refusals: 2 });
    const inTheMiddle = new DatabaseSync(join(path, 'state.sqlite'));
    inTheMiddle.exec('BEGIN IMMEDIATE');
    await expect(other.call('refuse', 'root', 'esx01')).rejects.toBe('unavailable');
    inTheMiddle.close();
    expect(await other.call('refuse', 'root', 'esx01')).toMatchObject({ refusals: 3 });
  });
});
