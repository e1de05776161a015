import type { AskedBatch } from '../asked-batch.ts';
import { seenLogins } from '../asked-batch.ts';
import { sshAccount } from '../rules/principal.ts';
import type { ProcessMemory } from './process-memory.ts';

/** Notes how logins ended, for a later run that may not be able to read the table. */
export function noteLogins(
  finished: readonly AskedBatch[],
  work: {
    credential: { readonly username: string; readonly version: string; readonly scope: 'host' | 'domain' };
    /** Whether what could not be recorded of a batch is in no flight either. */
    isOwed: (batch: AskedBatch) => boolean;
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
