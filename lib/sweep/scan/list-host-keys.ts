import * as z from 'zod';
import type { Config } from '../../config/schema.ts';
import { sayNoTarget } from '../../config/unknown-names.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Invoke } from '../../platform/invoke.ts';
import { COLLECT_BATCH } from '../dispatch/hand-over.ts';
import type { OwnBatches } from '../dispatch/own-batches.ts';
import type { Turn } from '../dispatch/places.ts';
import { EventError } from '../errors.ts';
import { MAX_BATCH_HOSTS, sliceBatches } from '../plan/batch-size.ts';
import type { PresentKeys } from './present-keys.ts';
import { decodeScanResult, encodeScanRequest } from './scan-contract.ts';
import { type ScanDeps, type ScannedHost, scanHostKeys, type WithoutList } from './scan-host-keys.ts';

const hostKeysEvent = z.strictObject({
  hostkeys: z.strictObject({ target: z.string().max(253).optional() }),
});

/** Which host keys are to be listed; undefined for an event of another kind. Throws EventError. */
export function parseHostKeysEvent(
  event: unknown,
  { targets }: Pick<Config, 'targets'>,
): { target: string | undefined } | undefined {
  if (typeof event !== 'object' || event === null || !('hostkeys' in event)) return undefined;
  const parsed = hostKeysEvent.safeParse(event);
  if (!parsed.success) throw new EventError('send {"hostkeys": {}}, with "target" for one target');
  const { target } = parsed.data.hostkeys;
  if (target !== undefined && !targets.some(({ name }) => name === target)) {
    throw new EventError(
      sayNoTarget(
        target,
        targets.map(({ name, url }) => ({ name, url })),
      ),
    );
  }
  return { target };
}

/** What is answered: hosts whose key is not known, and how many are. Nothing is accepted by it. */
export interface ListedHostKeys {
  readonly hosts: readonly ScannedHost[];
  readonly known: number;
  /** Hosts that are left out for the size of the answer. */
  readonly omitted: number;
  readonly withoutList: readonly WithoutList[];
}

/** Some hundred bytes each, of the 6 MB that an answer of Lambda may have. */
const MAX_LISTED = 5_000;
/** For the answer of the workers to come back, and this one to be given. */
const MARGIN_MS = 5_000;
const LONGEST_MS = 14 * 60_000;

/** Lists host keys where functions reach the hosts: a few are asked from this one, more from workers. Nobody is logged in to. */
export async function listHostKeys(
  { target, remainingMs }: { target: string | undefined; remainingMs: number },
  deps: Omit<ScanDeps, 'presentKeys'> & {
    readonly config: Config;
    readonly invoke: Invoke;
    readonly batches: Turn;
    /** Asks from this process. */
    readonly presentKeys: PresentKeys;
    /** Fewer hosts than these are asked from this process. */
    readonly ownBatches: Pick<OwnBatches, 'belowHosts'>;
  },
  { signal }: { signal: AbortSignal },
): Promise<ListedHostKeys> {
  const { esxi, targets } = deps.config;
  if (esxi === undefined)
    throw new EventError('the configuration has no section "esxi": no host is asked by ssh');
  const ms = Math.max(1_000, Math.min(LONGEST_MS, remainingMs - MARGIN_MS));
  using deadline = startDeadline({ clock: deps.clock, ms, what: 'asking hosts for their keys', signal });
  const askFromWorkers = askWorkers(() => deps.clock.now() + deadline.remainingMs(), deps);
  const presentKeys: PresentKeys = (hosts, options) =>
    (hosts.length < deps.ownBatches.belowHosts ? deps.presentKeys : askFromWorkers)(hosts, options);
  const { hosts, withoutList } = await scanHostKeys(
    targets.filter(({ name }) => target === undefined || name === target),
    { esxi, deps: { ...deps, presentKeys } },
    deadline,
  );
  const others = hosts.filter(({ status }) => status !== 'known');
  return {
    hosts: others.slice(0, MAX_LISTED),
    known: hosts.length - others.length,
    omitted: Math.max(0, others.length - MAX_LISTED),
    withoutList,
  };
}

/** A slice that is lost is an error of each of its hosts. */
const askWorkers =
  (endsAt: () => number, { invoke, batches }: { invoke: Invoke; batches: Turn }): PresentKeys =>
  async (hosts, options) => {
    const slices = sliceBatches(hosts, MAX_BATCH_HOSTS).map((slice) =>
      batches(async () => {
        try {
          options.signal.throwIfAborted();
          const answer = await invoke(
            COLLECT_BATCH,
            encodeScanRequest({ hosts: slice, endsAt: endsAt() }),
            options,
          );
          return decodeScanResult(answer);
        } catch (error) {
          return slice.map(() => ({ error: messageOf(error) }));
        }
      }, COLLECT_BATCH),
    );
    const answers = await Promise.all(slices);
    return answers.flat();
  };

const key = z.object({ type: z.string(), blob: z.string() });
const listed: z.ZodType<ListedHostKeys> = z.object({
  hosts: z.array(
    z.object({
      target: z.string(),
      name: z.string(),
      address: z.string(),
      port: z.int(),
      status: z.enum(['known', 'unknown', 'changed', 'revoked', 'unread']),
      presented: key.exactOptional(),
      accepted: z.array(key),
      from: z.enum(['file', 'pin']).exactOptional(),
      error: z.string().exactOptional(),
    }),
  ),
  known: z.int(),
  omitted: z.int(),
  withoutList: z.array(z.object({ target: z.string(), error: z.string().exactOptional() })),
});

/** The answer of another process, or undefined when it is none. */
export function parseListedHostKeys(value: unknown): ListedHostKeys | undefined {
  const parsed = listed.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
