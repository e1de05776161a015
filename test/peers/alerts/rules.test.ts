import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeWithPeers, findProgram } from '../../support/peers/peer-requirements.ts';

const alerts = resolve(import.meta.dirname, '../../../alerts');

function promtool(...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(findProgram('promtool') ?? '', args, { cwd: alerts });
  return { status, text: `${stdout}${stderr}` };
}

describeWithPeers(['prometheus'], 'alerts/vsweep.rules.yml', () => {
  it('is what promtool has nothing to say about', () => {
    const { status, text } = promtool('check', 'rules', 'vsweep.rules.yml');
    expect(text).toContain('SUCCESS: 15 rules found');
    expect(status).toBe(0);
  });

  it('fires when it should and not before, by its own rule tests', () => {
    const { status, text } = promtool('test', 'rules', 'vsweep.rules.test.yml');
    expect(text).toContain('SUCCESS');
    expect(status, text).toBe(0);
  });

  it('has a test of every alert', () => {
    const names = (file: string, key: string) =>
      new Set(
        Array.from(
          readFileSync(`${alerts}/${file}`, 'utf8').matchAll(new RegExp(`${key}: (\\w+)`, 'g')),
          ([, name]) => name,
        ),
      );
    expect(names('vsweep.rules.test.yml', 'alertname')).toEqual(names('vsweep.rules.yml', 'alert'));
    expect(parse(readFileSync(`${alerts}/vsweep.rules.yml`, 'utf8')).groups).toHaveLength(2);
  });
});
