import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { printMoRef } from '../../../lib/poll/print-moref.ts';
import { loadVim25 } from '../../../lib/vsphere/vim25/vim25.ts';

/** As pyVmomi 9.1.1 printed a reference of each managed type; a peer test asks it again. */
const recorded = readFileSync(new URL('../../fixtures/poll/printed-morefs.txt', import.meta.url), 'utf8');

it('a reference is printed as by pyVmomi, whatever managed type it is of', () => {
  const types = loadVim25().namesOf('managed object');
  expect(types.map((type) => `${type} ${printMoRef({ type, value: 'object-1' })}\n`).join('')).toBe(recorded);
});

it('a reference of a type that is newer than the table is printed by its own name', () => {
  expect(printMoRef({ type: 'NewManager', value: 'new-1' })).toBe("'vim.NewManager:new-1'");
});
