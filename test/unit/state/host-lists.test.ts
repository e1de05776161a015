import { expect, it } from 'vitest';
import * as z from 'zod';
import { createChunkedValues } from '../../../lib/state/chunked-value.ts';
import { createHostListStore } from '../../../lib/state/stores/host-lists.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };

it('says whose host list it is that never has all of its chunks', async () => {
  const table = createMemoryTable();
  await table.replace({ pk: 'target#vc01', sk: 'hosts', generation: 'g1', chunks: 1, writtenAt: 0 }, o);
  const values = createChunkedValues({ table, now: () => 0, randomId: () => 'g2' });
  const reading = createHostListStore({ values }).read('vc01', z.unknown(), o);
  await expect(reading).rejects.toThrow(/^The host list of vc01 /);
});
