import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startDemoFleet } from '../../../lib/demo/start-demo-fleet.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const MAIN = fileURLToPath(new URL('../../../lib/cli/main.ts', import.meta.url));

/** Ends `vsweep run` by SIGTERM when its log has such a line, after `ask` of the exporter; answers the exit code. */
async function stopRunAt(line: RegExp, ask?: (url: string) => Promise<void>): Promise<unknown> {
  await using fleet = await startDemoFleet();
  await using folder = await createTemporaryFolder('run-command');
  for (const [name, content] of Object.entries(fleet.files)) {
    const served = name === 'vsweep.yaml' ? `${content}exporter: { listen: "127.0.0.1:0" }\n` : content;
    await writeFile(join(folder.path, name), served, { mode: 0o600 });
  }
  const child = spawn(process.execPath, [MAIN, 'run'], {
    cwd: folder.path,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(child, 'close');
  let url = '';
  try {
    for await (const logged of createInterface({ input: child.stderr })) {
      url = / serving (http:\S+)/.exec(logged)?.[1] ?? url;
      if (!line.test(logged)) continue;
      await ask?.(url);
      child.kill('SIGTERM');
    }
  } finally {
    child.kill('SIGTERM');
  }
  const [exitCode] = await closed;
  return exitCode;
}

describe('vsweep run', () => {
  it('exits 0 when a signal ends it before its first run', async () => {
    expect(await stopRunAt(/ serving /)).toBe(0);
  });

  it('exits 0 when a signal ends it after a run', async () => {
    expect(await stopRunAt(/ sweep services on .* status="swept"/)).toBe(0);
  });

  it('answers a scrape for any target by the only one that is configured', async () => {
    const answers: string[] = [];
    await stopRunAt(/ sweep services on .* status="swept"/, async (url) => {
      const response = await fetch(new URL('/metrics?section=esx&target=another.example.org', url));
      answers.push(await response.text());
    });
    // What vCenter says, so that a slow host costs this test nothing.
    expect(answers[0]).toContain('esxi_host_service_running{');
  });
});
