import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deflate, toGzip } from '../../../lib/sinks/exporter/deflated.ts';

it('is one gzip file of all chunks and what is put behind them, for each reader anew', async () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(bytes, { maxLength: 5 }),
      fc.array(bytes, { maxLength: 3 }),
      async (chunks, more) => {
        const deflated = await deflate(chunks);
        for (const behind of more) {
          const whole = Buffer.concat([...chunks, behind]);
          expect(deflated.length + behind.length).toBe(whole.length);
          expect(gunzipSync(Buffer.concat(toGzip(deflated, Buffer.from(behind)))).equals(whole)).toBe(true);
        }
      },
    ),
  );
});

it('rejects when the text cannot be made', async () => {
  function* broken() {
    yield Buffer.from('a');
    throw new Error('no text');
  }
  await expect(deflate(broken())).rejects.toThrow('no text');
});
