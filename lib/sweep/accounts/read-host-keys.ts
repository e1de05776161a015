import type { StateError } from '../../state/errors.ts';
import type { HostKeyRecord, HostKeyStore } from '../../state/host-keys.ts';

/** The pinned keys by `<address>:<port>`, and the endpoints whose items could not be read. */
export interface ReadHostKeys {
  readonly keys: ReadonlyMap<string, HostKeyRecord>;
  readonly malformed: ReadonlyMap<string, StateError>;
  /** Those whose keys are not believed, because nobody of this deployment wrote them. */
  readonly unsealed: readonly string[];
}

/** Every pinned key, once for all targets of a run. Throws StateError. */
export async function readHostKeys(
  { hostKeys }: { hostKeys: Pick<HostKeyStore, 'readAll'> },
  { signal }: { signal: AbortSignal },
): Promise<ReadHostKeys> {
  const malformed = new Map<string, StateError>();
  const unsealed: string[] = [];
  const keys = await hostKeys.readAll({
    signal,
    onMalformed: (endpoint, error) => malformed.set(endpoint, error),
    onUnsealed: (endpoint) => unsealed.push(endpoint),
  });
  return { keys, malformed, unsealed };
}
