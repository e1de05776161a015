import { randomInt } from 'node:crypto';
import { closeSync, existsSync, fdatasync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import { placeFile } from './place-file.ts';

/** In the state folder, and apart from what SQLite keeps there: a log that goes takes no witness along. */
const ACKNOWLEDGED = 'acknowledged';
/**
 * A slot for each process that writes, so that one that was paused takes nothing back from another one. Two that draw
 * the same slot may; then less is noticed, and nothing falsely.
 */
const SLOTS = 64;
const SLOT_BYTES = 64;
/** How long what was noted may be in memory only. */
const SYNC_MS = 1_000;

/** A state file, by a text that no other one has, and the number of a transaction in it. */
export interface Transaction {
  readonly file: string;
  readonly number: number;
}

/** Of the file, the last transaction that anybody was told to be on the disk; 0 where nobody was, or the note is gone. */
export function lastAcknowledged(folder: string, file: string): number {
  const path = join(folder, ACKNOWLEDGED);
  if (!existsSync(path)) return 0;
  const slots = readFileSync(path, 'latin1').split('\n');
  const numbers = slots.map((slot) => slot.split(' ')).filter(([of]) => of === file);
  return Math.max(0, ...numbers.map(([, number]) => Number(number)).filter(Number.isSafeInteger));
}

/** Notes which transactions were acknowledged. */
export interface Acknowledger extends Disposable {
  /** After the transaction is on the disk and before it is acknowledged. */
  note(transaction: Transaction): void;
}

/** Makes the file when absent. Throws the file system's errors. */
export function openAcknowledger(folder: string, drawSlot = () => randomInt(SLOTS)): Acknowledger {
  // Of its whole length, so that no note needs room on the disk.
  placeFile(folder, ACKNOWLEDGED, `${' '.repeat(SLOT_BYTES - 1)}\n`.repeat(SLOTS));
  const descriptor = openSync(join(folder, ACKNOWLEDGED), 'r+');
  const position = drawSlot() * SLOT_BYTES;
  const open = new AbortController();
  let isSyncing = false;
  const sync = async () => {
    isSyncing = true;
    try {
      await systemClock.sleep(SYNC_MS, { signal: open.signal, background: true });
      fdatasync(descriptor, () => undefined);
    } catch {
      // Closed.
    }
    isSyncing = false;
  };
  return {
    note({ file, number }) {
      try {
        writeSync(descriptor, `${file} ${number}`.padEnd(SLOT_BYTES - 1).concat('\n'), position, 'latin1');
      } catch {
        // The transaction is on the disk: it is no failure that there is one witness less.
        return;
      }
      if (!isSyncing) void sync();
    },
    [Symbol.dispose]() {
      open.abort();
      closeSync(descriptor);
    },
  };
}
