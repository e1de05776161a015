import { describe, expect, it } from 'vitest';
import { gather } from '../../../lib/sinks/http/http-link.ts';

const NEVER = new AbortController().signal;

describe('gather', () => {
  it('has the whole text, and lets others have their turn between two chunks', async () => {
    const order: string[] = [];
    function* text() {
      for (const part of ['a', 'b', 'c']) {
        order.push(part);
        setImmediate(() => order.push('other'));
        yield Buffer.from(part);
      }
    }
    expect((await gather(text(), { signal: NEVER })).toString()).toBe('abc');
    expect(order).toEqual(['a', 'other', 'b', 'other', 'c', 'other']);
  });

  it('makes no further chunk once its signal aborted', async () => {
    const late = new AbortController();
    let made = 0;
    function* text() {
      for (;;) {
        made += 1;
        late.abort(new Error('too late'));
        yield Buffer.from('a');
      }
    }
    await expect(gather(text(), { signal: late.signal })).rejects.toThrow('too late');
    expect(made).toBe(1);
  });
});
