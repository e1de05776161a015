import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { vsweep } from '../../integration/cli/vsweep-process.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const MAIN = fileURLToPath(new URL('../../../lib/cli/main.ts', import.meta.url));
const run = promisify(execFile);

/** Types a line and Tab into an interactive zsh, and prints the line as zsh completed it. */
const TYPE_AND_TAB = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='' PS2='' ; cd $PWD; PATH=$PWD:\\$PATH; autoload -Uz compinit; compinit -u -D"
zpty -w shell "source ./completion.zsh; show() { print -r -- \\"<\\$BUFFER>\\"; }; zle -N show; bindkey '^X' show; print ready-\\$((3 + 4))"
zpty -r shell seen '*ready-7*'
zpty -n -w shell "$1"$'\\t\\C-x'
zpty -r shell seen '*<vsweep*>*'
print -r -- "$seen"
zpty -d shell
`;

describeWithPeers(['zsh'], 'vsweep completion zsh', () => {
  it('completes commands, options, and names of the configuration', async () => {
    await using folder = await createTemporaryFolder('zsh');
    await writeFile(
      join(folder.path, 'vsweep.yaml'),
      'targets: [{ name: vc1, credentials: { env: A } }]\nsweeps: [{ name: services, every: 1m, collectors: [overall-status] }]\n',
    );
    const command = join(folder.path, 'vsweep');
    await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
    await chmod(command, 0o755);
    const { output } = await vsweep(folder.path, 'completion', 'zsh');
    await writeFile(join(folder.path, 'completion.zsh'), output);
    const complete = async (line: string) => {
      const { stdout } = await run('zsh', ['-f', '-c', TYPE_AND_TAB, 'zsh', line], {
        cwd: folder.path,
        env: { ...process.env, TERM: 'dumb' },
        timeout: 30_000,
      });
      return /<(vsweep [^>]*)>/.exec(stdout)?.[1];
    };
    expect(await complete('vsweep blackl')).toBe('vsweep blacklist ');
    expect(await complete('vsweep blacklist lif')).toBe('vsweep blacklist lift ');
    expect(await complete('vsweep blacklist lift --cou')).toBe('vsweep blacklist lift --counter-was-reset ');
    expect(await complete('vsweep sweep se')).toBe('vsweep sweep services ');
    expect(await complete('vsweep poll -V v')).toBe('vsweep poll -V vc1 ');
  });
});
