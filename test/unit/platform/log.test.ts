import { describe, expect, it } from 'vitest';
import { createLineLog, type LogLevel, quieter } from '../../../lib/platform/log.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** What is written of one line at each level, from `level` upwards. */
function linesFrom(level: LogLevel) {
  const lines: string[] = [];
  const log = createLineLog({ write: (line) => lines.push(line), level });
  for (const one of LEVELS) log[one]('done');
  return { lines, log };
}

describe('createLineLog', () => {
  it.each([
    ['debug', ['debug done', 'info  done', 'warn  done', 'error done']],
    ['info', ['info  done', 'warn  done', 'error done']],
    ['error', ['error done']],
  ] as const)('writes from %s upwards', (level, lines) => {
    expect(linesFrom(level).lines).toEqual(lines);
  });

  it('writes each field that has a value, in one line', () => {
    const { lines, log } = linesFrom('error');
    log.error('failed', { host: 'esx 1\n', tries: 2, left: undefined, ok: false });
    expect(lines.at(-1)).toBe('error failed host="esx 1\\n" tries=2 ok=false');
  });
});

describe('quieter', () => {
  it('says at debug what it said at info, and the rest as before', () => {
    const lines: string[] = [];
    const log = quieter(createLineLog({ write: (line) => lines.push(line), level: 'debug' }));
    log.info('one', { a: 1 });
    log.warn('two');
    expect(lines).toEqual(['debug one a=1', 'warn  two']);
  });
});
