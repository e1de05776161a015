import { totalmem } from 'node:os';

/** How much all sessions of a process may hold at a time of what hosts printed. */
export interface OutputBudget {
  open(): OutputShare;
}

/** What one session holds. */
export interface OutputShare {
  /** Whether there is room for so many bytes more. */
  take(bytes: number): boolean;
  /** The session holds nothing any more. */
  release(): void;
}

/** So much has each session, whatever the others hold: all built-in checks of a usual host print less. */
const OWN_BYTES = 256 * 1024;
const MOST_BYTES = 256 * 1024 * 1024;
/** Text, its lines and what is read of them are there at the same time. */
const SHARE_OF_MEMORY = 1 / 8;

/** What sessions may hold together beyond their own part, by the memory of the machine or of its container, in bytes. */
export function outputBytesOf(memory: number = memoryOfProcess()): number {
  return Math.min(MOST_BYTES, Math.floor(memory * SHARE_OF_MEMORY));
}

/** Without a limit the constraint is 0, or larger than any memory. */
const memoryOfProcess = (): number => Math.min(process.constrainedMemory() || Infinity, totalmem());

/** Hosts that print a lot cost others of the same kind their answers, and never those that print little. */
export function createOutputBudget(sharedBytes: number): OutputBudget {
  let left = sharedBytes;
  return {
    open() {
      let held = 0;
      let borrowed = 0;
      return {
        take(bytes) {
          const beyond = Math.max(0, held + bytes - OWN_BYTES) - borrowed;
          if (beyond > left) return false;
          held += bytes;
          borrowed += beyond;
          left -= beyond;
          return true;
        },
        release() {
          left += borrowed;
          held = 0;
          borrowed = 0;
        },
      };
    },
  };
}
