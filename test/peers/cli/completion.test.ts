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

/** What each shell is called in a terminal, and what it reads first: Ctrl-X prints the line as it is then. */
const SHELLS = {
  bash: {
    command: 'bash --norc -i',
    setup: String.raw`bind 'set bell-style none'
bind -x '"\C-x": printf "<%s>\n" "$READLINE_LINE"'`,
  },
  zsh: {
    command: 'zsh -f -i',
    setup: `autoload -Uz compinit
compinit -u -D
show() { print -r -- "<$BUFFER>"; }
zle -N show
bindkey '^X' show`,
  },
} as const;

/** Types a line and Tab into an interactive shell, and prints the line as that completed it. */
const typeAndTab = (command: string) => String.raw`
zmodload zsh/zpty
zpty shell ${command}
zpty -w shell "PS1='' PS2=''; cd $PWD; PATH=$PWD:\$PATH; source ./setup"
zpty -r shell seen '*is-ready*'
zpty -n -w shell "$1"$'\t\C-x'
zpty -r shell seen '*<vsweep*>*'
print -r -- "$seen"
zpty -d shell
`;

describeWithPeers(['zsh'], 'vsweep completion, in a terminal', () => {
  it.each(['bash', 'zsh'] as const)(
    'of %s, completes commands, options, names of the configuration and property paths',
    async (shell) => {
      await using folder = await createTemporaryFolder(shell);
      await writeFile(
        join(folder.path, 'vsweep.yaml'),
        'targets: [{ name: vc1, credentials: { env: A } }]\nsweeps: [{ name: services, every: 1m, collectors: [overall-status] }]\n',
      );
      const command = join(folder.path, 'vsweep');
      await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
      await chmod(command, 0o755);
      const { output } = await vsweep(folder.path, 'completion', shell);
      const { command: started, setup } = SHELLS[shell];
      await writeFile(join(folder.path, 'setup'), `${setup}\n${output}\nprintf 'is-%s\\n' ready\n`);
      const complete = async (line: string) => {
        const { stdout } = await run('zsh', ['-f', '-c', typeAndTab(started), 'zsh', line], {
          cwd: folder.path,
          env: { ...process.env, TERM: 'dumb' },
          timeout: 30_000,
        });
        return /<(vsweep [^>]*)>/.exec(stdout)?.[1];
      };
      expect(await complete('vsweep blackl')).toBe('vsweep blacklist ');
      expect(await complete('vsweep blacklist lif')).toBe('vsweep blacklist lift ');
      expect(await complete('vsweep blacklist lift --cou')).toBe(
        'vsweep blacklist lift --counter-was-reset ',
      );
      expect(await complete('vsweep sweep se')).toBe('vsweep sweep services ');
      expect(await complete('vsweep poll -V v')).toBe('vsweep poll -V vc1 ');
      expect(await complete('vsweep poll --config=vsweep.yaml -V v')).toBe(
        'vsweep poll --config=vsweep.yaml -V vc1 ',
      );
      expect(await complete('vsweep poll -m vm.get -p runt')).toBe('vsweep poll -m vm.get -p runtime');
      expect(await complete('vsweep poll -m vm.get -p name,runtime.po')).toBe(
        'vsweep poll -m vm.get -p name,runtime.powerState',
      );
    },
  );
});
