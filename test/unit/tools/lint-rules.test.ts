import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { LAYOUT_FIXTURES, markedLines, readFixture } from './marked-lines.ts';

const ROOT = path.join(import.meta.dirname, '../../..');

interface Diagnostic {
  readonly category: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

/** Lints a copy of the fixture, outside the project, by the project's own configuration. */
function lint(fixture: string): string[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vsweep-lint-'));
  try {
    fs.cpSync(path.join(LAYOUT_FIXTURES, fixture), folder, { recursive: true });
    fs.cpSync(path.join(ROOT, 'biome.json'), path.join(folder, 'biome.json'));
    fs.cpSync(path.join(ROOT, 'tools'), path.join(folder, 'tools'), { recursive: true });
    const biome = path.join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
    const { stdout } = spawnSync(
      process.execPath,
      [biome, 'lint', '--reporter=json', '--max-diagnostics=none', 'lib'],
      { cwd: folder, encoding: 'utf8' },
    );
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
    return diagnostics.map(({ category, location }) => `${location.path}:${location.start.line} ${category}`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

describe('biome.json', () => {
  it('holds the bans of lib/, exhaustive switches, promises and cycles, and lets clock.ts and lib/cli be', () => {
    expect(lint('lint').sort()).toEqual(markedLines(readFixture('lint')).sort());
  });
});
