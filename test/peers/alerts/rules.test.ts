import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { THEMES } from '../../../lib/monitoring/alerts/alert.ts';
import { ALERTS } from '../../../lib/monitoring/alerts/rule-files.ts';
import { describeWithPeers, findProgram } from '../../support/peers/peer-requirements.ts';

const alerts = resolve(import.meta.dirname, '../../../alerts');

function promtool(...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(findProgram('promtool') ?? '', args, {
    cwd: import.meta.dirname,
  });
  return { status, text: `${stdout}${stderr}` };
}

describeWithPeers(['prometheus'], 'the rule files of alerts/', () => {
  it.each(THEMES)('are what promtool has nothing to say about: %s', (theme) => {
    const { status, text } = promtool('check', 'rules', `${alerts}/${theme}.rules.yml`);
    expect(text).toContain(`SUCCESS: ${ALERTS[theme].length} rules found`);
    expect(status).toBe(0);
  });

  it.each(['vsweep', 'vsphere'])('fire when they should and not before: %s', (name) => {
    const { status, text } = promtool('test', 'rules', `${name}.rules.test.yml`);
    expect(text).toContain('SUCCESS');
    expect(status, text).toBe(0);
  });
});
