import { text } from 'node:stream/consumers';
import { OWN_TYPES } from '../../lib/collectors/own/check-type.ts';
import { loadVim25 } from '../../lib/vsphere/vim25/vim25.ts';

/** Of what print_words.py prints, the lines of lib/vsphere/vim25/word-table.ts: enumerations that own metrics can read. */
const vim25 = loadVim25();
const seen = new Set<string>();

function visit(name: string): void {
  if (seen.has(name)) return;
  seen.add(name);
  const type = vim25.type(name);
  const subtypes = type?.kind === 'data object' ? vim25.subtypesOf(name) : [];
  const types = [type, ...subtypes].flatMap((one) => [...(one?.properties.values() ?? [])]);
  for (const { type: below } of types)
    if (vim25.type(below)?.kind === 'managed object') continue;
    else visit(below);
}

for (const type of OWN_TYPES) visit(type);
const lines = (await text(process.stdin)).split('\n');
process.stdout.write(`${lines.filter((line) => seen.has(line.split(' ')[0] ?? '')).join('\n')}\n`);
