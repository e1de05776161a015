import { spawnSync } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { THEMES } from '../../../lib/monitoring/alerts/alert.ts';
import { ALERTS } from '../../../lib/monitoring/alerts/rule-files.ts';
import { describeWithPeers, findProgram } from '../../support/peers/peer-requirements.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { blocksOf, PAGES } from '../../unit/docs/pages.ts';

const RULES = resolve(import.meta.dirname, '../../../alerts');
const configs = PAGES.flatMap(blocksOf).filter(({ text }) => /^scrape_configs:/m.test(text));

describeWithPeers(['prometheus'], 'prometheus.yml as the pages have it', () => {
  it('is there for the Pushgateway and for /metrics', () => {
    expect(configs.length).toBeGreaterThanOrEqual(2);
  });

  it.each(configs)('passes promtool, with the rules beside it: $page', async ({ text }) => {
    await using folder = await createTemporaryFolder('prometheus-config');
    await cp(RULES, folder.path, { recursive: true });
    await writeFile(join(folder.path, 'prometheus.yml'), text);
    const args = ['check', 'config', 'prometheus.yml'];
    const { status, stdout, stderr } = spawnSync(findProgram('promtool') ?? '', args, { cwd: folder.path });
    expect(`${stdout}${stderr}`).toContain('is valid prometheus config file syntax');
    for (const theme of THEMES) expect(`${stdout}${stderr}`).toContain(`${ALERTS[theme].length} rules found`);
    expect(status).toBe(0);
  });
});
