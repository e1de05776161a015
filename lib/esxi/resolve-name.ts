import { promises as dns } from 'node:dns';
import { type Clock, systemClock } from '../platform/clock.ts';
import { untilAborted } from '../platform/until-aborted.ts';
import { createHostsFileReader } from './hosts-file.ts';

/**
 * The addresses of a name, at least one. Rejects with the error of the DNS (its `code` tells: ENOTFOUND, ETIMEOUT …),
 * or with the signal's reason.
 */
export type ResolveName = (name: string, options: { signal: AbortSignal }) => Promise<readonly string[]>;

/** Three tries, each twice as long as the one before; whoever asks usually has 3 s for the name and TCP. */
const TRIES = { timeout: 700, tries: 3 };
/** When one kind of address has come, the other one is waited for so long (RFC 8305, 3, says 50 ms). */
const OTHER_KIND_MS = 50;
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

/**
 * Resolves by the hosts file, then by DNS; every name by a conversation of its own, which ends with its signal. Not
 * by getaddrinfo: of it libuv runs two at a time, nothing can cancel it, and so a name whose DNS server is silent
 * holds up all others. The price: search domains and nsswitch.conf do not count.
 *
 * `servers`: those of this machine by default.
 */
export function createResolveName({
  clock,
  servers,
  hostsFile = '/etc/hosts',
}: {
  clock: Clock;
  servers?: readonly string[];
  hostsFile?: string;
}): ResolveName {
  const readHostsFile = createHostsFileReader(hostsFile);
  return async (name, { signal }) => {
    const plain = name.toLowerCase().replace(/\.$/, '');
    const written = (await untilAborted(readHostsFile(), signal)).get(plain);
    if (written !== undefined) return written;
    if (plain === 'localhost' || plain.endsWith('.localhost')) return LOOPBACK;
    const resolver = new dns.Resolver(TRIES);
    if (servers !== undefined) resolver.setServers(servers);
    try {
      return await askBothKinds(name, { resolver, clock, signal });
    } finally {
      resolver.cancel();
    }
  };
}

/** How this machine resolves. It keeps nothing but the hosts file as it was read last. */
export const resolveName: ResolveName = createResolveName({ clock: systemClock });

async function askBothKinds(
  name: string,
  { resolver, clock, signal }: { resolver: dns.Resolver; clock: Clock; signal: AbortSignal },
): Promise<readonly string[]> {
  const found: string[][] = [];
  const keepAs = (place: number) => (addresses: string[]) => {
    found[place] = addresses;
  };
  const both = [resolver.resolve4(name).then(keepAs(0)), resolver.resolve6(name).then(keepAs(1))];
  const settled = Promise.allSettled(both);
  const first = Promise.any(both).catch((errors: AggregateError) => Promise.reject(worstOf(errors.errors)));
  await untilAborted(first, signal);
  const waited = new AbortController();
  const enough = clock.sleep(OTHER_KIND_MS, { signal: AbortSignal.any([signal, waited.signal]) });
  await Promise.race([settled, enough.catch(() => undefined)]);
  waited.abort('waited');
  return found.flat();
}

/** That a name has no address of one kind says less than what became of the question for the other. */
const worstOf = (errors: readonly NodeJS.ErrnoException[]): NodeJS.ErrnoException | undefined =>
  errors.find(({ code }) => code !== 'ENODATA') ?? errors[0];
