import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { openEmbeddedState } from '../../../lib/state/embedded.ts';
import { tryTakeFolder } from '../../../lib/state/folder-ownership.ts';
import { createState } from '../../../lib/state/state.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { type StateProcess, startStateProcess } from './start-state-process.ts';

const o = { signal: new AbortController().signal };
const open = (path: string, clock: Clock = systemClock) =>
  openEmbeddedState({ path, clock, log: silentLog }, o);
const ownerOf = async (path: string) => Number(await readFile(join(path, 'owner.pid'), 'utf8'));
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

/** A refusal may be counted twice when its answer was lost, but one that was acknowledged is there. */
async function expectAllThere(path: string, written: readonly ReturnType<typeof keepWriting>[]) {
  await using embedded = await open(path);
  const { accounts } = createState({ ...embedded, clock: systemClock });
  for (const { user, acknowledged } of written) {
    const histories = await accounts.readAll(user, o);
    expect(acknowledged.filter((address) => !((histories.get(address)?.refusals ?? 0) >= 1))).toEqual([]);
  }
}

describe('several processes on one state folder', () => {
  it('lose no acknowledged write while their owners are killed one after the other', async () => {
    await using folder = await createTemporaryFolder('several-killed');
    await using processes = new AsyncDisposableStack();
    const [path, TMPDIR] = [join(folder.path, 'state'), join(folder.path, 'tmp')];
    await mkdir(TMPDIR);
    const written: ReturnType<typeof keepWriting>[] = [];
    const startOne = async () => {
      const one = processes.use(await startStateProcess(path, { TMPDIR }));
      const writing = keepWriting(one, `writer-${written.length}`);
      written.push(writing);
      return writing;
    };
    let alive = await Promise.all(Array.from({ length: 3 }, startOne));
    for (let kills = 0; kills < 4; kills += 1) {
      await Promise.all(alive.map((one) => one.more(20)));
      const owner = await ownerOf(path);
      const survivors = alive.filter(({ writer }) => writer.pid !== owner);
      expect(survivors).toHaveLength(2);
      await alive.find(({ writer }) => writer.pid === owner)?.writer.kill();
      alive = [...survivors, await startOne()];
    }
    await Promise.all(alive.map((one) => one.more(20)));
    await Promise.all(written.map((one) => one.stop()));
    expect(alive.flatMap(({ faults }) => faults)).toEqual([]);
    expect(await Promise.all(alive.map(({ writer }) => writer.close()))).toEqual(['', '', '']);
    await expectAllThere(path, written);
    expect(await readdir(path)).toEqual(['lock', 'table']);
    expect(await readdir(TMPDIR)).toEqual([]);
  }, 120_000);

  it('go on without a fault when the owner ends in order in the middle of their writes', async () => {
    await using folder = await createTemporaryFolder('several-ended');
    await using processes = new AsyncDisposableStack();
    const path = join(folder.path, 'state');
    const owner = processes.use(await startStateProcess(path));
    const guests = await Promise.all([startStateProcess(path), startStateProcess(path)]);
    const written = guests.map((guest, n) => keepWriting(processes.use(guest), `guest-${n}`));
    await Promise.all(written.map((one) => one.more(20)));
    expect(await ownerOf(path)).toBe(owner.pid);
    expect(await owner.close()).toBe('');
    await Promise.all(written.map((one) => one.more(20)));
    expect(guests.map(({ pid }) => pid)).toContain(await ownerOf(path));
    await Promise.all(written.map((one) => one.stop()));
    expect(written.flatMap(({ faults }) => faults)).toEqual([]);
    await expectAllThere(path, written);
  }, 60_000);

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
  }, 60_000);

  it('have one owner, also when that one opens the folder twice', async () => {
    await using folder = await createTemporaryFolder('several-twice');
    const path = join(folder.path, 'state');
    await using _first = await open(path);
    await (await open(path))[Symbol.asyncDispose]();
    await using other = await startStateProcess(path);
    expect(await other.call('refuse', 'root', 'esx01')).toMatchObject({ refusals: 1 });
    expect(await ownerOf(path)).toBe(process.pid);
  });
});

describe('an owner', () => {
  it('whose server fails starts another one with its next call', async () => {
    await using folder = await createTemporaryFolder('server-failed');
    const path = join(folder.path, 'state');
    const started = once(process, 'worker');
    await using embedded = await open(path);
    const [worker] = (await started) as [Worker];
    const { groups } = createState({ ...embedded, clock: systemClock });
    await groups.record('job', 'vc01', o);
    await worker.terminate();
    expect(await groups.readAll(o)).toEqual([{ job: 'job', instance: 'vc01' }]);
  });

  it('that does not serve is named, and may serve later', async () => {
    await using folder = await createTemporaryFolder('not-served');
    await using owned = await tryTakeFolder(folder.path, o);
    expect(owned).toBeDefined();
    const impatient: Clock = {
      ...systemClock,
      async sleep(_ms, { signal }) {
        await setImmediate();
        signal.throwIfAborted();
      },
    };
    await expect(open(folder.path, impatient)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`belongs to this process (${process.pid}), which does not serve it`),
    });
  });

  it('that is stopped is named, with what to do', async () => {
    await using folder = await createTemporaryFolder('stopped');
    const path = join(folder.path, 'state');
    await using owner = await startStateProcess(path);
    await using guest = await openEmbeddedState(
      { path, clock: systemClock, log: silentLog, requestTimeoutMs: 200 },
      o,
    );
    const { groups } = createState({ ...guest, clock: systemClock });
    process.kill(owner.pid, 'SIGSTOP');
    const reading = groups.readAll(o);
    await expect(reading).rejects.toMatchObject({ name: 'StateError', code: 'unavailable', retryable: true });
    await expect(reading).rejects.toThrow(
      new RegExp(`belongs to process ${owner.pid}, which does not answer.* kill -9 if need be`),
    );
  });

  it('is waited for no longer than the caller wants', async () => {
    await using folder = await createTemporaryFolder('waited-for');
    await using _owned = await tryTakeFolder(folder.path, o);
    const [caller, reason] = [new AbortController(), new Error('enough')];
    const opening = openEmbeddedState(
      { path: folder.path, clock: systemClock, log: silentLog },
      { signal: caller.signal },
    );
    caller.abort(reason);
    await expect(opening).rejects.toBe(reason);
  });
});
