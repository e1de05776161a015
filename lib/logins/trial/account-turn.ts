import type { LimitFunction } from 'p-limit';
import type { Clock } from '../../platform/clock.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import { mayTryDoubtful } from '../rules/domain-account.ts';
import { PRINCIPAL } from '../rules/principal.ts';
import type { SeenAccount } from '../rules/seen-account.ts';

/** How long an attempt of another process is waited for. One that was killed leaves an attempt that nobody ends. */
const OTHERS_MS = 10_000;
const LOOK_AGAIN_MS = 200;

/** What stood of the one account of a domain when an attempt was put on record; or nobody may try it now, or somebody else does. */
export type AccountTurn = { readonly seen: SeenAccount } | 'unsettled' | 'taken';

/**
 * Puts an attempt with the one account of a domain on record for a doubtful host, when no other process is logging in
 * with it and nothing stands that the directory may have counted. Rejects when the table does not answer, or with the
 * signal.
 */
export async function takeAccountTurn(
  { user, id, version }: { user: string; id: string; version: string },
  deps: { readonly clock: Clock; readonly records: Pick<AccountStore, 'beginAttempt' | 'readUnsettled'> },
  { signal }: { signal: AbortSignal },
): Promise<AccountTurn> {
  const { clock, records } = deps;
  const givesUpAt = clock.monotonic() + OTHERS_MS;
  const read = async (): Promise<AccountHistory | undefined> =>
    (await records.readUnsettled(user, { signal, range: [PRINCIPAL, PRINCIPAL] })).get(PRINCIPAL);
  do {
    const history = await read();
    const at = history?.openAttempt?.at;
    const isUnderWay = at !== undefined && clock.now() - at < OTHERS_MS;
    if (!isUnderWay) {
      if (!mayTryDoubtful(history)) return 'unsettled';
      const seen = { refusals: 0 };
      if (await records.beginAttempt(user, PRINCIPAL, { id, version, seen }, { signal })) return { seen };
    }
    await clock.sleep(LOOK_AGAIN_MS, { signal });
  } while (clock.monotonic() < givesUpAt);
  return 'taken';
}

/** Waits for one of the places of a limit, and answers what gives it back. Rejects with the signal's reason. */
export async function takePlace(
  limit: LimitFunction,
  { signal }: { signal: AbortSignal },
): Promise<() => void> {
  const begun = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const giveBack = () => over.resolve();
  void limit(() => {
    begun.resolve();
    return over.promise;
  });
  try {
    await untilAborted(begun.promise, signal);
  } catch (error) {
    giveBack();
    throw error;
  }
  return giveBack;
}
