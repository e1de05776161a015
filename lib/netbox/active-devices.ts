import { createHash } from 'node:crypto';
import type * as z from 'zod';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { type Device, storedDevices } from './device.ts';
import { NetboxError } from './errors.ts';
import type { DeviceFilter, Netbox } from './netbox-client.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Where an answer is kept between runs. */
export interface DeviceCache {
  read<T>(
    hash: string,
    schema: z.ZodType<T>,
    options: Options,
  ): Promise<{ readonly readAt: number; readonly devices: T } | undefined>;
  write(hash: string, devices: readonly Device[], options: Options): Promise<void>;
}

/** The devices that are active, as NetBox said at `readAt` (milliseconds since the epoch). */
export interface KnownDevices {
  readonly readAt: number;
  readonly devices: readonly Device[];
}

export interface ActiveDevicesDeps {
  readonly netbox: Netbox;
  readonly readToken: (options: Options) => Promise<string | undefined>;
  readonly cache: DeviceCache;
  readonly clock: Clock;
}

export interface ActiveDevicesSettings {
  readonly url: string;
  readonly filter: DeviceFilter;
  readonly cacheMinutes: number;
}

/** What a run learnt of the active devices. */
export interface ActiveDevices {
  /** What was known before; of the last seven days. Settles at once after the state answered, and never rejects. */
  readonly before: Promise<KnownDevices | undefined>;
  /** What is known in the end: of `before` while it is fresh, else NetBox's answer. Rejects when NetBox failed. */
  readonly now: Promise<KnownDevices>;
  /** What cost something else than the answer: a cache that could not be read or kept, devices that are not understood. */
  readonly notes: readonly string[];
}

/** How long an answer stands in for a NetBox that does not answer. */
export const MAX_STALE_MS = 7 * 24 * 3_600_000;

/** A share of the devices known before, below which an answer is not believed. */
const MIN_SHARE = 0.5;

/**
 * Begins to find out which devices are active; one such beginning serves a whole run. An answer is kept for
 * `cacheMinutes`; one that is empty, or below half of the one before, counts as a failure of NetBox. A process that
 * cannot read the cache goes by what it saw last.
 */
export function createActiveDevices(settings: ActiveDevicesSettings, deps: ActiveDevicesDeps) {
  const hash = hashOf(settings);
  let seen: KnownDevices | undefined;
  return (options: Options): ActiveDevices => {
    const notes: string[] = [];
    const before = readCache(hash, deps, options).then(
      (cached) => (seen = cached),
      (error: unknown) => {
        notes.push(`the stored NetBox answer could not be read: ${messageOf(error)}`);
        return seen;
      },
    );
    const usable = before.then((known) =>
      known !== undefined && deps.clock.now() - known.readAt <= MAX_STALE_MS ? known : undefined,
    );
    const now = usable.then(async (known) => {
      if (known !== undefined && deps.clock.now() - known.readAt < settings.cacheMinutes * 60_000)
        return known;
      const devices = await ask(settings, { ...deps, known, notes }, options);
      seen = { readAt: deps.clock.now(), devices };
      await deps.cache.write(hash, devices, options).catch((error: unknown) => {
        options.signal.throwIfAborted();
        notes.push(`the NetBox answer could not be stored: ${messageOf(error)}`);
      });
      return seen;
    });
    // Whoever waits for it sees the failure; a run that nobody of waits any more does not.
    now.catch(() => undefined);
    return { before: usable, now, notes };
  };
}

async function readCache(hash: string, { cache }: ActiveDevicesDeps, options: Options) {
  return cache.read(hash, storedDevices, options);
}

async function ask(
  { url, filter }: ActiveDevicesSettings,
  {
    netbox,
    readToken,
    known,
    notes,
  }: ActiveDevicesDeps & { known: KnownDevices | undefined; notes: string[] },
  options: Options,
): Promise<readonly Device[]> {
  const token = await readToken(options);
  const { devices, faulty } = await netbox.listDevices({ filter, token }, options);
  if (faulty !== undefined) {
    notes.push(
      `NetBox: ${faulty.count} devices are ignored, because their data is invalid. The first: ${faulty.first}`,
    );
  }
  if (devices.length === 0) throw implausible(url, 'no devices', 'netbox.filter is right');
  if (known !== undefined && devices.length < known.devices.length * MIN_SHARE) {
    throw implausible(
      url,
      `${devices.length} devices, after ${known.devices.length} at ${new Date(known.readAt).toISOString()}`,
      'the devices are really gone. If so, the new answer is used 7 days after that time, or at once after a change of netbox.filter',
    );
  }
  return devices;
}

const implausible = (url: string, what: string, check: string) =>
  new NetboxError(
    `${url}: NetBox answered with ${what}; that answer is not used. Check that the token's user may view devices, and that ${check}.`,
    { code: 'implausible' },
  );

/** Of what is asked: another question has another answer. */
function hashOf({ url, filter }: ActiveDevicesSettings): string {
  const question = Object.entries(filter)
    .map(([name, values]) => [name, values.toSorted()] as const)
    .toSorted();
  return createHash('sha256')
    .update(JSON.stringify([url, question]))
    .digest('hex')
    .slice(0, 32);
}
