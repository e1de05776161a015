import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { packJson, unpackJson } from '../../../lib/state/packed-json.ts';

it('unpacks what was packed', async () => {
  const value = { hosts: ['esx1', 'ü'], count: 2 };
  expect(await unpackJson(await packJson(value))).toEqual(value);
});

it('unpacks no more than it may, whatever the bytes say', async () => {
  const packed = await packJson('x'.repeat(998));
  expect(await unpackJson(packed, 1_000)).toHaveLength(998);
  await expect(unpackJson(packed, 999)).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' });
});

it('refuses bytes that are no gzip, or no JSON', async () => {
  await expect(unpackJson(Buffer.from('x'))).rejects.toThrow();
  await expect(unpackJson(gzipSync('{'))).rejects.toThrow(SyntaxError);
});
