import { sshAccount } from '../../lockout/principal.ts';
import type { ProcessMemory } from '../accounts/process-memory.ts';
import type { BatchRequest } from '../batch.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { seenLogins } from './waves.ts';

/** Notes how logins ended, for a later run that may not be able to read the table. */
export function noteLogins(
  finished: readonly FinishedBatch[],
  work: {
    credential: Pick<NonNullable<BatchRequest['credential']>, 'username' | 'version' | 'scope'>;
    /** Whether what could not be recorded of a batch is in no flight either. */
    isOwed: (batch: FinishedBatch) => boolean;
  },
  { memory }: { readonly memory?: Pick<ProcessMemory, 'note'> },
): void {
  const { username, version, scope } = work.credential;
  const { user } = sshAccount({ username, scope }, '');
  for (const batch of finished) {
    const seen = seenLogins(batch).map(({ host, end }) => ({
      address: sshAccount({ username, scope }, host.address).address,
      end,
    }));
    memory?.note({ user, version }, seen, { owed: work.isOwed(batch) });
  }
}
