import { expect, it } from 'vitest';
import { SSH_FORMS } from '../../../lib/esxi/commands/check-ssh.ts';
import { readPage } from './pages.ts';

it('docs/own-metrics.md has every form of ssh, and no other', () => {
  const [, section = ''] = /\n### Forms of ssh\n\n(.*)\n/.exec(readPage('docs/own-metrics.md')) ?? [];
  expect([...section.matchAll(/`(\[[^`]*\])`/g)].map(([, form]) => form)).toEqual(SSH_FORMS);
});
