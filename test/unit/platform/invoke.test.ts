import { expect, it } from 'vitest';
import { InvokeError, isNotStarted } from '../../../lib/platform/invoke.ts';

it.each([
  ['throttled', true],
  ['not-ready', true],
  ['unreachable', true],
  ['refused', true],
  ['function-error', false],
  ['lost', false],
] as const)('a call that ended with %s surely did not start the function: %s', (code, isNot) => {
  expect(isNotStarted(new InvokeError('no', { code }))).toBe(isNot);
});

it('knows nothing of any other error', () => {
  expect(isNotStarted(new Error('no'))).toBe(false);
});
