import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import threads from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLineLog, silentLog } from '../../../lib/platform/log.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { startWriterThread } from '../../../lib/state/sqlite/writer.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const o = { signal: new AbortController().signal };
const PAGE_BYTES = 4_096;

/** The threads that were started, so that a test can do to one what a machine may. */
const started: threads.Worker[] = [];
const NodesWorker = threads.Worker;
beforeAll(() => {
  threads.Worker = class extends NodesWorker {
    constructor(...args: ConstructorParameters<typeof NodesWorker>) {
      super(...args);
      started.push(this);
    }
  };
  syncBuiltinESMExports();
});
afterAll(() => {
  threads.Worker = NodesWorker;
  syncBuiltinESMExports();
});
afterEach(() => void vi.useRealTimers());

const newest = () => {
  const worker = started.at(-1);
  if (worker === undefined) throw new Error('no thread was started');
  return worker;
};
const exitOf = (worker: threads.Worker) => new Promise<void>((resolve) => worker.on('exit', () => resolve()));
const keyOf = (n: number) => ({ pk: 'p', sk: String(n).padStart(4, '0') });

/** Makes the page of the table with the item unreadable, in another process: closing the file here would end its locks. */
async function damagePageOf(file: string, { sk }: { sk: string }): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.indexOf(`p${sk}{`);
  expect(at).toBeGreaterThan(0);
  const page = at - (at % PAGE_BYTES);
  const script = `const fs = require('node:fs');
    const descriptor = fs.openSync(process.argv[1], 'r+');
    fs.writeSync(descriptor, Buffer.from([0xff]), 0, 1, Number(process.argv[2]));`;
  expect(spawnSync(process.execPath, ['-e', script, file, String(page)]).status).toBe(0);
}

describe('the thread that writes', () => {
  it('starts with the first write', async () => {
    await using folder = await createTemporaryFolder('writer-start');
    const before = started.length;
    await using state = await openEmbeddedState({ path: folder.path, log: silentLog }, o);
    await state.table.get(keyOf(1), o);
    expect(started.length - before).toBe(0);
    await state.table.replace(keyOf(1), o);
    expect(started.length - before).toBe(1);
  });

  it('is the one that was started before, and ends with the state', async () => {
    await using folder = await createTemporaryFolder('writer-early');
    const before = started.length;
    using thread = startWriterThread();
    expect(started.length - before).toBe(1);
    const exited = exitOf(newest());
    {
      await using state = await openEmbeddedState({ path: folder.path, log: silentLog, thread }, o);
      await state.table.replace(keyOf(2), o);
      expect(started.length - before).toBe(1);
      expect(await state.table.get(keyOf(2), o)).toMatchObject(keyOf(2));
    }
    await exited;
  });

  it('ends where nothing was written, and where no state was opened', async () => {
    await using folder = await createTemporaryFolder('writer-idle');
    const exits: Promise<void>[] = [];
    {
      using thread = startWriterThread();
      exits.push(exitOf(newest()));
      await using _idle = await openEmbeddedState({ path: folder.path, log: silentLog, thread }, o);
    }
    {
      using _unused = startWriterThread();
      exits.push(exitOf(newest()));
    }
    await Promise.all(exits);
  });

  it('goes on for the state that it serves when who started it is gone', async () => {
    await using folder = await createTemporaryFolder('writer-served');
    const before = started.length;
    const thread = startWriterThread();
    await using state = await openEmbeddedState({ path: folder.path, log: silentLog, thread }, o);
    await state.table.replace(keyOf(1), o);
    thread[Symbol.dispose]();
    await state.table.replace(keyOf(2), o);
    expect(await state.table.get(keyOf(2), o)).toMatchObject(keyOf(2));
    expect(started.length - before).toBe(1);
  });

  it('loses no other write when one is given up that it began already', async () => {
    await using folder = await createTemporaryFolder('writer-cancel');
    await using state = await openEmbeddedState({ path: folder.path, log: silentLog }, o);
    await state.table.replace(keyOf(1), o);
    // As it comes where a write is given up while its answer is on the way.
    newest().postMessage({ cancel: 1 });
    const written = state.table.replace(keyOf(2), o);
    newest().postMessage({ cancel: 1 });
    await written;
    expect(await state.table.get(keyOf(2), o)).toMatchObject(keyOf(2));
  });

  it('is replaced by another where it died before it served, and the log says so', async () => {
    await using folder = await createTemporaryFolder('writer-dead');
    using thread = startWriterThread();
    const died = newest();
    const exited = exitOf(died);
    // As a thread without memory has it: nobody listens yet.
    died.emit('error', new Error('out of memory'));
    await died.terminate();
    await exited;
    const lines: string[] = [];
    const log = createLineLog({ write: (line) => lines.push(line), level: 'warn' });
    await using state = await openEmbeddedState({ path: folder.path, log, thread }, o);
    await state.table.replace(keyOf(3), o);
    expect(await state.table.get(keyOf(3), o)).toMatchObject(keyOf(3));
    expect(lines.join('')).toMatch(/the writer of the state failed.*out of memory/);
  });
});

describe('writes that are one transaction', () => {
  it('are on the disk but for the one that touches what is damaged', async () => {
    await using folder = await createTemporaryFolder('writer-damage');
    const file = join(folder.path, 'state.sqlite');
    const puts = Array.from({ length: 200 }, (_, n) => ({ put: { ...keyOf(n), text: 'x'.repeat(100) } }));
    {
      await using before = await openEmbeddedState({ path: folder.path, log: silentLog }, o);
      await before.table.writeAll(puts, o);
    }
    await using state = await openEmbeddedState({ path: folder.path, log: silentLog }, o);
    await damagePageOf(file, keyOf(150));
    const change = { add: { n: 1 } };
    const written = await Promise.allSettled(
      [10, 150, 20].map((n) => state.table.update(keyOf(n), change, o)),
    );
    expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(written[1]).toMatchObject({ reason: { name: 'StateError', code: 'damaged' } });
    expect([await state.table.get(keyOf(10), o), await state.table.get(keyOf(20), o)]).toMatchObject([
      { n: 1 },
      { n: 1 },
    ]);
    // Alone in its transaction it fails alike, and leaves none open.
    await expect(state.table.update(keyOf(151), change, o)).rejects.toMatchObject({ code: 'damaged' });
    expect(await state.table.update(keyOf(10), change, o)).toMatchObject({ n: 2 });
  });

  it('are on the disk but for the one that asks for what an item cannot be', async () => {
    await using folder = await createTemporaryFolder('writer-malformed');
    await using state = await openEmbeddedState({ path: folder.path, log: silentLog }, o);
    await state.table.replace({ ...keyOf(1), list: 'a text' }, o);
    const written = await Promise.allSettled([
      state.table.update(keyOf(1), { add: { n: 1 } }, o),
      state.table.update(keyOf(1), { append: { list: ['more'] } }, o),
      state.table.update(keyOf(2), { add: { n: 1 } }, o),
    ]);
    expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(written[1]).toMatchObject({ reason: { code: 'malformed', message: 'list is not a list' } });
    expect(await state.table.get(keyOf(1), o)).toEqual({ ...keyOf(1), list: 'a text', n: 1 });
  });
});

describe('a writer that ends', () => {
  it('in the middle of a write says so of that write, and the next one is written by another', async () => {
    await using folder = await createTemporaryFolder('writer-ended');
    const file = join(folder.path, 'state.sqlite');
    await using state = await openEmbeddedState({ path: folder.path, log: silentLog }, o);
    await state.table.replace(keyOf(1), o);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const writing = state.table.replace(keyOf(2), o);
    const failed = expect(writing).rejects.toMatchObject({
      code: 'unavailable',
      message:
        `The writer of the state file ${file} ended during a write. It restarts with the next ` +
        'write; see the log for the cause.',
    });
    const ended = newest();
    await ended.terminate();
    await failed;
    other.exec('ROLLBACK');
    other.close();
    await state.table.replace(keyOf(3), o);
    expect(newest()).not.toBe(ended);
    expect(await state.table.get(keyOf(3), o)).toEqual(keyOf(3));
  });
});

describe('a writer that answers nothing', () => {
  /** A thread that hears nothing stands for one that waits for its disk. */
  const deafen = (worker: threads.Worker) => {
    worker.postMessage = () => undefined;
  };

  it('fails the write after 20 s, with where to look', async () => {
    await using folder = await createTemporaryFolder('writer-silent');
    await using state = await openEmbeddedState({ path: folder.path, log: silentLog }, o);
    await state.table.replace(keyOf(1), o);
    const worker = newest();
    const { postMessage } = worker;
    deafen(worker);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let isOver = false;
    const failed = state.table.replace(keyOf(2), o).catch((error: unknown) => {
      isOver = true;
      return error;
    });
    try {
      await vi.advanceTimersByTimeAsync(19_999);
      expect(isOver).toBe(false);
      // A process that was stalled meanwhile gives it as much longer.
      for (let more = 0; !isOver && more < 20; more += 1) await vi.advanceTimersByTimeAsync(1_000);
      expect(isOver).toBe(true);
    } finally {
      vi.useRealTimers();
      worker.postMessage = postMessage;
    }
    expect(await failed).toMatchObject({
      code: 'unavailable',
      message:
        `The state file ${join(folder.path, 'state.sqlite')} finished no write for 20 s. Check its disk: it hangs or ` +
        'is overloaded.',
      cause: expect.objectContaining({ message: expect.stringContaining('the disk of') }),
    });
  });

  it('is ended when the state is closed, which the log tells', async () => {
    await using folder = await createTemporaryFolder('writer-hangs');
    const told: string[] = [];
    const log = createLineLog({ write: (line) => told.push(line), level: 'warn' });
    const state = await openEmbeddedState({ path: folder.path, log }, o);
    await state.table.replace(keyOf(1), o);
    const worker = newest();
    deafen(worker);
    const exited = new Promise((resolve) => void worker.once('exit', resolve));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closed = state[Symbol.asyncDispose]();
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await closed;
    await exited;
    expect(told).toEqual([expect.stringContaining('the state could not be closed cleanly')]);
  });
});
