import { afterEach, expect, it, vi } from 'vitest';
import { printLastRuns } from '../../../lib/cli/print-last-runs.ts';
import { eraseStatusLine, pin, shortened, showStatusLine } from '../../../lib/cli/screen.ts';
import { printError } from '../../../lib/cli/terminal.ts';
import { notSwept } from '../../../lib/sweep/result/summary.ts';

const ESCAPE = '\u001b';
const CONTROL = new RegExp(`^${ESCAPE}\\[(\\d*)([AJK])$`);

/** What a terminal of 80 columns shows of what was written to it: line feeds, returns, cursor up, and erasing. */
function screenOf(written: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  const parts = written.split(new RegExp(`(\n|\r|${ESCAPE}\\[\\d*[AJK])`));
  for (const part of parts) {
    const [, count = '', action] = CONTROL.exec(part) ?? [];
    if (part === '\n') {
      row += 1;
      column = 0;
      lines[row] ??= '';
    } else if (part === '\r') column = 0;
    else if (action === 'A') row -= Number(count || 1);
    else if (action === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
    else if (action === 'J') {
      lines[row] = (lines[row] ?? '').slice(0, column);
      lines.length = row + 1;
    } else {
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + part + line.slice(column + part.length);
      column += part.length;
    }
  }
  return lines;
}

function watch(): { shown(): string[] } {
  let written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk: string | Uint8Array) => {
    written += chunk;
    return true;
  });
  return { shown: () => screenOf(written) };
}

afterEach(() => vi.restoreAllMocks());

it('what is pinned is replaced in place, the status line stands below it, and what is printed goes above', () => {
  const { shown } = watch();
  {
    using _ = pin('run 1\nall well');
    showStatusLine(() => '50 %');
    expect(shown()).toEqual(['run 1', 'all well', '50 %']);
    showStatusLine(() => '100 %');
    expect(shown()).toEqual(['run 1', 'all well', '100 %']);
    printError('warn');
    expect(shown()).toEqual(['warn', 'run 1', 'all well', '100 %']);
    eraseStatusLine();
    expect(shown()).toEqual(['warn', 'run 1', 'all well']);
    pin('run 2');
    expect(shown()).toEqual(['warn', 'run 2']);
  }
  printError('stopped');
  expect(shown()).toEqual(['warn', 'run 2', 'stopped', '']);
});

it('a text that is higher than the terminal keeps its first line and its end', () => {
  const lines = Array.from({ length: 30 }, (_, n) => `line ${n}`);
  const fitted = shortened(lines, 5);
  expect(fitted).toEqual([
    'line 0',
    '… 26 more lines; a taller terminal shows them',
    'line 27',
    'line 28',
    'line 29',
  ]);
  expect(shortened(lines.slice(0, 5), 5)).toEqual(lines.slice(0, 5));
});

it('the last runs are a line a target, with what there is of each outcome', () => {
  const times = {
    runId: 'r',
    scheduledAt: 0,
    startedAt: Date.UTC(2026, 0, 1, 15, 4, 5),
    endedAt: 1,
    exitCode: 0,
  } as const;
  const counts = { hosts: 60, ok: 54, failed: 6, skipped: 0, reasons: {} };
  const swept = { ...notSwept('vc1', 'lease', []), status: 'swept', paths: { ssh: counts } } as const;
  const text = printLastRuns(
    [{ ...times, sweep: 'services', targets: [swept, notSwept('vc2', 'lease', [])] }],
    80,
  );
  expect(text.split('\n')).toEqual([
    'sweep     target  began (UTC)  vcenter  ssh',
    'services  vc1     15:04:05     -        54 ok, 6 failed',
    'services  vc2     15:04:05     lease    -',
  ]);
});
