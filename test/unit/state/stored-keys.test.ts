import { expect, it } from 'vitest';
import { createChunkedValues } from '../../../lib/state/chunked-value.ts';
import { createCredentialStateStore } from '../../../lib/state/stores/credential-states.ts';
import { createGroupStore } from '../../../lib/state/stores/groups.ts';
import { createHostListStore } from '../../../lib/state/stores/host-lists.ts';
import { createMemoryTable } from '../../integration/lockout/memory-table.ts';

const o = { signal: new AbortController().signal };

/** docs/architecture.md has the keys; a table that an earlier version wrote has them too. */
it('keeps what it keeps under the keys by which earlier versions know it', async () => {
  const table = createMemoryTable();
  const credentials = createCredentialStateStore({ table });
  await credentials.replace({ id: 'env:ESXI' }, { state: { id: 'env:ESXI' }, revision: 0 }, o);
  await createGroupStore({ table }).record('vsweep', 'vc01', o);
  const values = createChunkedValues({ table, now: () => 0, randomId: () => 'g1' });
  await createHostListStore({ values }).write('vc01', [], o);

  const keys = [
    ['credential#env:ESXI', 'state'],
    ['groups', 'vsweep#vc01'],
    ['target#vc01', 'hosts'],
    ['target#vc01', 'hosts#g1#0000'],
  ] as const;
  for (const [pk, sk] of keys) expect(await table.get({ pk, sk }, o)).toMatchObject({ pk, sk });
});
