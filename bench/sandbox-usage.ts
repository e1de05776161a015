import { readFileSync } from 'node:fs';

/** Of the clock by which Linux counts processor time. */
const TICKS_PER_SECOND = 100;

/** What a process has used of the machine since it began. */
export interface Usage {
  readonly cpuSeconds: number;
  /**
   * The most memory that was resident at once. `getrusage` also counts that of the process that started it, which it had
   * until it became another program (exec_mmap in Linux' fs/exec.c).
   */
  readonly peakMb: number;
}

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold blanks: user and system time are the 12th and 13th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const [, peakKb = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { cpuSeconds: ticks / TICKS_PER_SECOND, peakMb: Number(peakKb) / 1_024 };
}
