import { readdir, readFile } from 'node:fs/promises';

/** Memory of a process and of all that it started, in MB; what several of them share counts once. Linux only. */
export async function memoryOfTree(root: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map(await Promise.all(pids.map(async (pid) => [pid, await parentOf(pid)] as const)));
  const belongs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || belongs(parents.get(pid)));
  const sizes = await Promise.all(pids.filter(belongs).map(memoryOf));
  return sizes.reduce((sum, one) => sum + one, 0);
}

/** Undefined of one that has ended meanwhile. */
async function parentOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // Behind the name, which may hold blanks: the state, then the parent.
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** The proportional set size: a page that three processes share is a third of one for each of them. */
async function memoryOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const [, kib] = /^Pss: +(\d+) kB$/m.exec(rollup) ?? [];
  if (kib === undefined) throw new Error(`no Pss in the smaps_rollup of process ${pid}`);
  return Number(kib) / 1_024;
}
