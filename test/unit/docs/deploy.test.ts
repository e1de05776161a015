import { describe, expect, it } from 'vitest';
import { PAGES, readPage } from './pages.ts';

/** Every command of the CDK that runs the app, where it is written to be pasted. */
const commands = [
  ...PAGES.filter((page) => page !== 'CHANGELOG.md'),
  'cdk/README.md',
  'examples/vsweep.yaml',
  'examples/aws-vpc.yaml',
].flatMap((page) =>
  readPage(page)
    .split(/`|\n/)
    .map((text) => text.trim())
    .filter((text) => /^(?:npx cdk [a-z]|npm run synth)/.test(text))
    .map((command) => ({ page, command })),
);

describe('a command of the CDK in the docs', () => {
  it('names its configuration, because there is no default', () => {
    expect(commands.length).toBeGreaterThan(6);
    const nameless = commands.filter(({ command }) => !command.includes('-c config='));
    expect(nameless).toEqual([]);
  });
});
