import type { Command } from 'commander';
import { toShellWord } from '../platform/quote.ts';

/** Which state and configuration a command was about. */
export interface CommandPlace {
  readonly config?: string | undefined;
  readonly table?: string | undefined;
  /** Whether `vsweep` alone is no command of this shell, because npx started it. */
  readonly byNpx?: boolean | undefined;
}

/** Text as it is printed; `config` is the configuration that the command made itself, such as the demo's. */
export type Completer = (text: string, config?: string) => string;

/**
 * Whether vsweep was started by `npx vsweep`, or in a checkout by `npm start`. Not by `npm_command` alone, which every
 * program has that npx starts, such as the runner of tests. npm 11 sets the variables in @npmcli/run-script.
 */
export const isByNpx = (env: Readonly<Record<string, string | undefined>>): boolean => {
  const { npm_lifecycle_event: event, npm_lifecycle_script: script = '', npm_package_name: of } = env;
  return event === 'npx' ? /^['"]?vsweep\b/.test(script) : event === 'start' && of === 'vsweep';
};

/**
 * Completes commands that a message names, such as `vsweep blacklist lift --user root`, by the options of the command that
 * runs: pasted, they are about the same configuration and table. Messages are made where nobody knows how vsweep was
 * started, so this is done where they are printed. Started by npx they are named as npx starts them.
 */
export function createCompleter(program: Command, place: CommandPlace): Completer {
  const commands = new Map(leavesOf(program).map((command) => [pathOf(command), command]));
  const paths = [...commands.keys()].toSorted((one, other) => other.length - one.length);
  const named = new RegExp(`\\bvsweep (${paths.join('|')})(?![\\w-])`, 'g');
  return (text, config = place.config) => {
    const options = optionsOf({ ...place, config });
    return text.replace(named, (match, path: string, at: number) => {
      const rest = restOfCommand(text.slice(at + match.length));
      const added = options
        .filter(({ flag }) => takes(commands.get(path), flag) && !rest.includes(flag))
        .map(({ flag, value }) => ` ${flag} ${toShellWord(value)}`)
        .join('');
      const npx = place.byNpx === true && !text.slice(0, at).endsWith('npx ') ? 'npx ' : '';
      return npx + match + (isJson(text) ? JSON.stringify(added).slice(1, -1) : added);
    });
  };
}

const optionsOf = ({ config, table }: CommandPlace) =>
  Object.entries({ '--config': config, '--table': table }).flatMap(([flag, value]) =>
    value === undefined ? [] : [{ flag, value }],
  );

/** There a command stands within a string. */
const isJson = (text: string): boolean => /^[[{]/.test(text);

const leavesOf = (command: Command): Command[] =>
  command.commands.flatMap((one) => (one.commands.length === 0 ? [one] : leavesOf(one)));

function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

const takes = (command: Command | undefined, flag: string): boolean =>
  command?.options.some(({ long }) => long === flag) ?? false;

/** Up to the next command, or the end of the line. */
const restOfCommand = (text: string): string => /^.*?(?=\bvsweep |\n|$)/.exec(text)?.[0] ?? '';
