import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

it('a process that may open no more files says so of the state, with what to raise', async () => {
  await using folder = await createTemporaryFolder('state-emfile');
  const script = `
    const { openSync, closeSync } = await import('node:fs');
    const { openEmbeddedState } = await import('./lib/state/sqlite/open.ts');
    const { silentLog } = await import('./lib/platform/log.ts');
    const options = { path: ${JSON.stringify(join(folder.path, 'state'))}, log: silentLog };
    const { signal } = new AbortController();
    await (await openEmbeddedState(options, { signal }))[Symbol.asyncDispose]();
    const held = [];
    try { for (;;) held.push(openSync('/dev/null')); } catch {}
    // What opening the folder and writing the mark takes.
    for (let n = 0; n < Number(process.argv[1]); n += 1) closeSync(held.pop());
    try {
      await openEmbeddedState(options, { signal });
      process.stdout.write('opened');
    } catch (error) {
      process.stdout.write(error.name + ' ' + error.message);
    }
    process.exit();
  `;
  const sayWith = (free: number) => {
    const node = [process.execPath, '--input-type=module', '-e', script, String(free)];
    return spawnSync('sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', ...node], { encoding: 'utf8' }).stdout;
  };
  const said = [0, 1, 2, 3].map(sayWith);
  expect(said.filter((text) => text !== 'opened').length).toBeGreaterThan(1);
  for (const text of said) {
    if (text === 'opened') continue;
    expect(text).toMatch(/^StateError .*EMFILE.*raise "ulimit -n" \(LimitNOFILE= of a service\)/);
    expect(text).not.toContain('undefined');
  }
});
