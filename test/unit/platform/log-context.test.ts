import { describe, expect, it } from 'vitest';
import { inLogContext, logContext } from '../../../lib/platform/log-context.ts';

describe('the fields of every line', () => {
  it('are none outside of any work', () => {
    expect(logContext()).toEqual({});
  });

  it('nest, the inner ones first, also behind what is awaited', async () => {
    const seen = await inLogContext({ run: 'r1', host: 'a' }, async () => {
      await Promise.resolve();
      const inner = inLogContext({ host: 'b', tries: 2 }, () => logContext());
      return { inner, outer: logContext() };
    });
    expect(seen).toEqual({ inner: { run: 'r1', host: 'b', tries: 2 }, outer: { run: 'r1', host: 'a' } });
    expect(logContext()).toEqual({});
  });

  it('of two works at the same time are kept apart', async () => {
    const each = (host: string) =>
      inLogContext({ host }, async () => {
        await Promise.resolve();
        return logContext();
      });
    expect(await Promise.all([each('a'), each('b')])).toEqual([{ host: 'a' }, { host: 'b' }]);
  });
});
