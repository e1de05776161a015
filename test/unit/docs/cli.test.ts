import { describe, expect, it } from 'vitest';
import { renewCommands } from '../../../tools/cli-page.ts';
import { readPage } from './pages.ts';

describe('docs/cli.md', () => {
  it('has the commands as the command line has them: run npm run docs:cli', () => {
    const page = readPage('docs/cli.md');
    expect(page).toBe(renewCommands(page));
    expect(page).toContain('### vsweep blacklist lift');
  });
});
