import { describe, expect, it } from 'vitest';
import { isRefusal, PushError } from '../../../lib/sinks/http/errors.ts';

describe('a refusal of a destination', () => {
  const error = (code: PushError['code'], status?: number) =>
    new PushError('x', { code, ...(status === undefined ? {} : { status }) });

  it.each([400, 409, 413, 422])('is an answer of %i', (status) => {
    expect(isRefusal(error('status', status))).toBe(true);
  });

  it('is what it rejected, and nothing else', () => {
    expect(isRefusal(error('rejected'))).toBe(true);
    for (const status of [401, 403, 404, 429, 500, undefined])
      expect(isRefusal(error('busy', status))).toBe(false);
    expect(isRefusal(new Error('x'))).toBe(false);
    expect(error('busy')).toMatchObject({ status: undefined, mayBeThere: false, retryable: false });
    expect(new PushError('x', { code: 'busy', mayBeThere: true }).mayBeThere).toBe(true);
  });
});
