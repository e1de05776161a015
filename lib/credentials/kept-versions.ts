import { untilAborted } from '../platform/until-aborted.ts';

/** What a secret was in one version. */
interface Version {
  readonly text: string;
  readonly version: string;
}

interface Ask {
  readonly id: string;
  readonly credentialId: string;
  readonly version: string;
}

export interface KeptVersions {
  /** Read when it is not kept; for all who ask at once, once. A failure is left to the next one to try again. */
  get(ask: Ask, options: { signal: AbortSignal }): Promise<Version>;
  /** What somebody read without asking for a version. */
  keep(of: Pick<Ask, 'id'>, read: Version): void;
}

/** Of all secrets together: the one in use and the one before, of some hundred targets. */
const MAX_KEPT = 256;

/** Secrets by their version, in the memory of this process. */
export function createKeptVersions(
  read: (ask: Ask, options: { signal: AbortSignal }) => Promise<Version>,
): KeptVersions {
  const kept = new Map<string, Promise<Version>>();
  const keyOf = ({ id, version }: Pick<Ask, 'id' | 'version'>) => JSON.stringify([id, version]);
  const put = (key: string, value: Promise<Version>) => {
    // The one that was used last stands at the end.
    kept.delete(key);
    kept.set(key, value);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) return;
      kept.delete(oldest);
    }
  };
  return {
    async get(ask, { signal }) {
      const key = keyOf(ask);
      let value = kept.get(key);
      if (value === undefined) {
        // Not the signal of one caller, for others wait for the same answer; the client has time-outs of its own.
        const reading = read(ask, { signal: new AbortController().signal });
        reading.catch(() => {
          if (kept.get(key) === reading) kept.delete(key);
        });
        value = reading;
      }
      put(key, value);
      return await untilAborted(value, signal);
    },
    keep: ({ id }, version) => put(keyOf({ id, version: version.version }), Promise.resolve(version)),
  };
}
