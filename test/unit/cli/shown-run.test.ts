import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isLive, withProgress } from '../../../lib/cli/progress.ts';
import { createShownRun } from '../../../lib/cli/shown-run.ts';
import { here } from '../../support/cli/here.ts';

const STREAMS = [process.stdout, process.stderr];
let before: (boolean | undefined)[];
function areTerminals(...are: boolean[]): void {
  for (const [index, stream] of STREAMS.entries()) stream.isTTY = are[index] ?? false;
}

beforeEach(() => {
  before = STREAMS.map(({ isTTY }) => isTTY);
  vi.stubEnv('NO_COLOR', '');
  vi.stubEnv('CI', '');
  vi.stubEnv('TERM', 'xterm');
});
afterEach(() => {
  areTerminals(...before.map(Boolean));
  vi.unstubAllEnvs();
});

const show = (json: boolean, ...texts: string[]) =>
  here(async () => {
    using shown = createShownRun({ json });
    for (const text of texts) shown.show(text);
    return 0;
  });

describe('the last run', () => {
  it('is below the one before where no terminal can show it in its place', async () => {
    areTerminals(false, false);
    expect(await show(false, 'one', 'two')).toEqual({ output: '\none\n\ntwo\n', errors: '', exitCode: 0 });
    areTerminals(true, true);
    expect(await show(true, 'one', 'two')).toMatchObject({ errors: '' });
  });

  it('is in the place of the one before on a terminal, where it stays', async () => {
    areTerminals(true, true);
    const { output, errors } = await show(false, 'one', 'two');
    expect(output).toBe('');
    expect(errors).toBe('\rone\u001b[K\rtwo\u001b[K\rtwo\u001b[K\n');
  });

  it('is not touched where none was shown', async () => {
    expect(await show(false)).toMatchObject({ output: '', errors: '' });
  });
});

describe('lines that are rewritten in place', () => {
  it('need both outputs to be terminals', () => {
    areTerminals(true, false);
    expect(isLive({ json: false })).toBe(false);
    areTerminals(false, true);
    expect(isLive({ json: false })).toBe(false);
    areTerminals(true, true);
    expect(isLive({ json: false })).toBe(true);
    expect(isLive({ json: true })).toBe(false);
  });

  it('show how far a sweep is once it has taken half a second, and are gone when it ends', async () => {
    areTerminals(true, true);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    const shown: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => shown.push(String(chunk)) > 0);
    try {
      const exitCode = await withProgress({ targets: 2, json: false }, async (onProgress) => {
        onProgress({ target: 'vc1', done: 0, hosts: 4 });
        onProgress({ target: 'vc1', done: 3, hosts: 4 });
        vi.advanceTimersByTime(499);
        expect(shown).toEqual([]);
        vi.advanceTimersByTime(101);
        return 7;
      });
      expect(exitCode).toBe(7);
      expect(shown.join('')).toMatch(/ 75 % {2}3 of 4 hosts, 1 of 2 targets {2}0:00/);
      expect(shown.at(-1)).toBe('\r\u001b[K');
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.restoreAllMocks();
      vi.useRealTimers();
    }
  });

  it('are none elsewhere: the sweep is the same', async () => {
    areTerminals(false, false);
    const work = async (onProgress: (progress: { target: string; done: number; hosts: number }) => void) => {
      onProgress({ target: 'vc1', done: 1, hosts: 1 });
      return 5;
    };
    expect(await here(() => withProgress({ targets: 1, json: false }, work))).toEqual({
      output: '',
      errors: '',
      exitCode: 5,
    });
  });
});
