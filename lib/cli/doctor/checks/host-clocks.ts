import type { ListedHost } from '../../../inventory/host.ts';
import type { Clock } from '../../../platform/clock.ts';
import { startDeadline } from '../../../platform/deadline.ts';
import { untilAborted } from '../../../platform/until-aborted.ts';
import { type RetrievalSession, retrieveObjects } from '../../../vsphere/property/retrieval.ts';
import type { MoRef } from '../../../vsphere/property/retrieved-object.ts';
import { callForRequiredValue } from '../../../vsphere/soap/soap-reply.ts';
import { methodCall } from '../../../vsphere/soap/soap-request.ts';

/** vCenter hands each question on to its host; a whole fleet is what the collector `host-time` is for. */
const MAX_HOSTS = 10;
/** For one host: a hung hostd costs the others nothing. */
const ANSWER_MS = 10_000;
const PATH = 'configManager.dateTimeSystem';

export interface HostClocks {
  readonly clocks: readonly {
    readonly host: string;
    readonly offsetMs: number;
    readonly roundTripMs: number;
  }[];
  /** Names of hosts that were asked and did not tell; those without a date and time system, as in simulators, are not asked. */
  readonly unread: readonly string[];
  /** Of the target, connected ones. */
  readonly hosts: number;
}

/** HostDateTimeSystem.QueryDateTime (System.Read) of the first connected hosts, all at once. */
export async function readHostClocks(
  session: RetrievalSession,
  listed: readonly ListedHost[],
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<HostClocks> {
  const connected = listed.filter(({ connectionState }) => connectionState === 'connected');
  const asked = connected.slice(0, MAX_HOSTS);
  const systems = await readDateTimeSystems(session, asked, { signal });
  const answers = await Promise.all(
    asked
      .filter(({ moref }) => systems.has(moref))
      .map(async ({ moref, name: host }) => {
        const system = systems.get(moref);
        const answer = system && (await readClock(session, system, { clock, signal }).catch(() => undefined));
        signal.throwIfAborted();
        return { host, answer };
      }),
  );
  return {
    clocks: answers.flatMap(({ host, answer }) => (answer === undefined ? [] : [{ host, ...answer }])),
    unread: answers.filter(({ answer }) => answer === undefined).map(({ host }) => host),
    hosts: connected.length,
  };
}

async function readDateTimeSystems(
  session: RetrievalSession,
  hosts: readonly ListedHost[],
  options: { signal: AbortSignal },
): Promise<ReadonlyMap<string, MoRef>> {
  const found = new Map<string, MoRef>();
  if (hosts.length === 0) return found;
  const request = { type: 'HostSystem', morefs: hosts.map(({ moref }) => moref), paths: [PATH] };
  for await (const { moref, properties } of retrieveObjects(session, request, options)) {
    const system = properties.get(PATH);
    if (typeof system === 'object' && 'value' in system) found.set(moref.value, system as MoRef);
  }
  return found;
}

async function readClock(
  { transport }: RetrievalSession,
  system: MoRef,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<{ offsetMs: number; roundTripMs: number } | undefined> {
  using deadline = startDeadline({ clock, ms: ANSWER_MS, what: 'the time of a host', signal });
  const began = clock.monotonic();
  const call = callForRequiredValue(transport, methodCall('QueryDateTime', system), deadline);
  const { text } = await untilAborted(call, deadline.signal);
  const roundTripMs = clock.monotonic() - began;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return undefined;
  return { offsetMs: time - (clock.now() - roundTripMs / 2), roundTripMs };
}
