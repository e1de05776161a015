import { readFileSync } from 'node:fs';

/** A hundredth of a second: the unit in which the kernel prints times, whatever its own clock (USER_HZ). */
const TICK_MS = 10;
const ESTABLISHED = '01';
const KEEP_ALIVE = '02';

/**
 * In how many milliseconds TCP asks for a sign of life on each established connection to a port of this machine;
 * undefined for one on which it never does. Source: proc_net_tcp.txt of the kernel's documentation.
 */
export function keepAliveTimers(port: number): (number | undefined)[] {
  const [, ...lines] = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [, , remote = '', state, , timer = ''] = line.trim().split(/\s+/);
    if (state !== ESTABLISHED || Number.parseInt(remote.split(':')[1] ?? '', 16) !== port) return [];
    const [kind, ticks = ''] = timer.split(':');
    return [kind === KEEP_ALIVE ? Number.parseInt(ticks, 16) * TICK_MS : undefined];
  });
}
