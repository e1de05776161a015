import { expect, it } from 'vitest';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import { isStopped } from '../../../lib/platform/stop.ts';

it.each([
  ['whose signal has not aborted', new AbortController().signal, false],
  ['whose time is over', AbortSignal.abort(new DeadlineError('the run')), false],
  ['that somebody ended', AbortSignal.abort(new Error('SIGTERM')), true],
  ['that somebody ended without an error', AbortSignal.abort('SIGTERM'), true],
])('work %s is stopped: %#', (_which, signal, stopped) => {
  expect(isStopped(signal)).toBe(stopped);
});
