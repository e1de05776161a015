/**
 * A worker thread that writes to the state file: in a thread of its own, because SQLite waits for the disk
 * synchronously. Whatever waits when the disk is free again goes into one transaction, so that however many logins are
 * under way, they wait for a slow disk together.
 */
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../platform/errors.ts';
import { StateError } from '../errors.ts';
import { type Acknowledger, openAcknowledger } from './acknowledged.ts';
import { type Connection, fileIn, onceFree, openDatabase } from './database.ts';
import { codeOf, isDamage, translateError } from './errors.ts';
import type { Answer, ToWriter } from './writer.ts';

/** Told before anything else. */
let folder = '';
const running = { signal: new AbortController().signal };
/** Others wait for the lock as long as a group is written. */
const MAX_GROUP = 256;

type Request = Extract<ToWriter, { write: unknown }>;

const waiting: Request[] = [];
/** The file, and where it is noted what of it was acknowledged. */
interface Open extends Disposable {
  readonly connection: Connection;
  readonly notes: Acknowledger;
}

let open: Open | undefined;
let isWorking = false;
let isClosing = false;

parentPort?.on('message', (message: ToWriter) => {
  if ('folder' in message) {
    folder = message.folder;
  } else if ('cancel' in message) {
    const at = waiting.findIndex(({ id }) => id === message.cancel);
    if (at >= 0) waiting.splice(at, 1);
  } else if ('close' in message) {
    isClosing = true;
    closeWhenDone();
  } else {
    waiting.push(message);
    if (!isWorking) void work();
  }
});

async function work(): Promise<void> {
  isWorking = true;
  while (waiting.length > 0) {
    // All messages that have come by now are one group.
    await new Promise<void>((resolve) => setImmediate(resolve));
    parentPort?.postMessage(await writeGroup());
  }
  isWorking = false;
  closeWhenDone();
}

function closeWhenDone(): void {
  if (!isClosing || isWorking) return;
  open?.[Symbol.dispose]();
  parentPort?.close();
}

async function writeGroup(): Promise<readonly Answer[]> {
  let begun: Open;
  try {
    begun = await onceFree(folder, begin, running);
  } catch (error) {
    return waiting.splice(0).map((request) => toFailure(request, error));
  }
  const group = waiting.splice(0, MAX_GROUP);
  try {
    return commit(group, begun);
  } catch (error) {
    if (!isDamage(error) || group.length === 1) return group.map((request) => toFailure(request, error));
  }
  // One of them touches what is damaged, and costs the others nothing.
  return group.map((request) => {
    try {
      return commit([request], begin())[0] ?? toFailure(request, undefined);
    } catch (error) {
      return toFailure(request, error);
    }
  });
}

function begin(): Open {
  for (;;) {
    if (open?.connection.isCurrent() !== true) {
      open?.[Symbol.dispose]();
      open = undefined;
      open = openFile();
    }
    const { db, isCurrent } = open.connection;
    db.exec('BEGIN IMMEDIATE');
    // A repair may have put another file in its place before the lock was ours.
    if (isCurrent()) return open;
    db.exec('ROLLBACK');
  }
}

function openFile(): Open {
  using opening = new DisposableStack();
  const connection = opening.use(openDatabase(folder));
  const notes = opening.use(openAcknowledger(folder));
  const opened = opening.move();
  return { connection, notes, [Symbol.dispose]: () => opened.dispose() };
}

/** Ends the transaction; what was written is on the disk then. */
function commit(group: readonly Request[], { connection, notes }: Open): readonly Answer[] {
  const { db, operations, commits } = connection;
  try {
    const answers = group.map((request): Answer => {
      try {
        return { id: request.id, written: operations.write(request.write) };
      } catch (error) {
        // SQLite's own failures are everybody's; a malformed or damaged item is that of one, who has written nothing.
        if (codeOf(error) !== undefined) throw error;
        return toFailure(request, error);
      }
    });
    const isWritten = answers.some((answer) => 'written' in answer && answer.written.done);
    const counted = isWritten ? commits.count() : undefined;
    db.exec('COMMIT');
    if (counted !== undefined) notes.note(counted);
    return answers;
  } catch (error) {
    // After a failure of the disk SQLite may have rolled back by itself.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function toFailure({ id }: Request, cause: unknown): Answer {
  const error = translateError(cause, fileIn(folder));
  return {
    id,
    failed: { message: messageOf(error), code: error instanceof StateError ? error.code : 'malformed' },
  };
}
