import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, constants } from 'node:zlib';

/** Writes lib/vsphere/vim25/packed-table.ts out of what print_types.py prints: see CONTRIBUTING.md. */
const TABLE = join(import.meta.dirname, '../../lib/vsphere/vim25/packed-table.ts');

const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_MODE, BROTLI_MAX_QUALITY, BROTLI_MODE_TEXT } = constants;
const params = { [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY, [BROTLI_PARAM_MODE]: BROTLI_MODE_TEXT };

const printed = await text(process.stdin);
if (!printed.startsWith('vim25 ')) throw new Error('pipe the output of tools/vim25/print_types.py into this');
writeFileSync(
  TABLE,
  '/** Made by tools/vim25: the text that print_types.py prints, brotli, base64. */\n' +
    `export const PACKED_TABLE =\n  '${brotliCompressSync(printed, { params }).toString('base64')}';\n`,
);
