import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { StateError } from '../errors.ts';

/** Of the machine; tests put others in its place. */
export interface Kernel {
  /** Of one boot of one kernel; undefined where the system does not tell. */
  readonly bootId: string | undefined;
  /** When it booted, in milliseconds since the epoch. */
  readonly bootedAt: number;
}

/** The file holds for as long as it is not disposed. */
export type KernelMark = Disposable;

/** In the state folder: a file for each process that has the state open, `<boot id>.<random>`, touched now and then. */
const MARKS = 'open';
const TOUCH_MS = 30_000;
/** Untouched for so long, its process is dead. */
const STALE_MS = 4 * TOUCH_MS;

export function thisKernel(): Kernel {
  return { bootId: readBootId(), bootedAt: systemClock.now() - uptime() * 1_000 };
}

/**
 * Marks that this process has the state open, and throws StateError when a process of another kernel has: SQLite's log
 * lies in shared memory and its locks are the kernel's, so a container engine in a virtual machine and its host would
 * destroy each other's writes. A mark that is older than this kernel was left by a machine that went down.
 */
export function markKernel(
  folder: string,
  { kernel, clock, randomId }: { kernel: Kernel; clock: Clock; randomId: () => string },
): KernelMark {
  const { bootId, bootedAt } = kernel;
  if (bootId === undefined) return { [Symbol.dispose]: () => undefined };
  const marks = join(folder, MARKS);
  const mark = join(marks, `${bootId}.${randomId()}`);
  mkdirSync(marks, { recursive: true, mode: 0o700 });
  for (const other of readdirSync(marks)) {
    const touchedAt = statSync(join(marks, other), { throwIfNoEntry: false })?.mtimeMs;
    if (touchedAt === undefined) continue;
    if (touchedAt < bootedAt || Math.abs(clock.now() - touchedAt) > STALE_MS) {
      rmSync(join(marks, other), { force: true });
    } else if (!other.startsWith(`${bootId}.`)) {
      throw otherKernel(folder, touchedAt);
    }
  }
  const touch = () => {
    mkdirSync(marks, { recursive: true, mode: 0o700 });
    writeFileSync(mark, '', { mode: 0o600, flag: 'a' });
    const now = clock.now() / 1_000;
    utimesSync(mark, now, now);
  };
  touch();
  const open = new AbortController();
  void keepTouching(touch, { clock, signal: open.signal });
  return {
    [Symbol.dispose]() {
      open.abort();
      rmSync(mark, { force: true });
    },
  };
}

async function keepTouching(
  touch: () => void,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  for (;;) {
    try {
      await clock.sleep(TOUCH_MS, { signal, background: true });
      touch();
    } catch {
      // A folder that cannot be written is what the next write of the state tells.
      if (signal.aborted) return;
    }
  }
}

function readBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}

const otherKernel = (folder: string, touchedAt: number): StateError =>
  new StateError(
    `The state in ${folder} is in use by a process under another kernel (such as a container in a virtual machine), since ` +
      `${new Date(touchedAt).toISOString()} or before. Run this command there (docker exec <container> vsweep …), or ` +
      'end that process. If it was killed, wait two minutes.',
    { code: 'refused' },
  );
