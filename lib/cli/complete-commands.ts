import type { Command } from 'commander';
import { toShellWord } from '../platform/quote.ts';

/** Which state and configuration a command was about. */
export interface CommandPlace {
  readonly config?: string | undefined;
  readonly table?: string | undefined;
}

/**
 * Completes commands that a message names, such as `vsweep blacklist lift --user root`, by the options of the command that
 * runs: pasted, they are about the same configuration and table. Messages are made where nobody knows how vsweep was
 * started, so this is done where they are printed.
 */
export function createCompleter(program: Command, place: CommandPlace): (text: string) => string {
  const options = Object.entries({ '--config': place.config, '--table': place.table }).flatMap(
    ([flag, value]) => (value === undefined ? [] : [{ flag, value }]),
  );
  if (options.length === 0) return (text) => text;
  const commands = new Map(leavesOf(program).map((command) => [pathOf(command), command]));
  const paths = [...commands.keys()].toSorted((one, other) => other.length - one.length);
  const named = new RegExp(`\\bvsweep (${paths.join('|')})(?![\\w-])`, 'g');
  return (text) =>
    text.replace(named, (match, path: string, at: number) => {
      const rest = restOfCommand(text.slice(at + match.length));
      const added = options
        .filter(({ flag }) => takes(commands.get(path), flag) && !rest.includes(flag))
        .map(({ flag, value }) => ` ${flag} ${toShellWord(value)}`)
        .join('');
      return match + (isJson(text) ? JSON.stringify(added).slice(1, -1) : added);
    });
}

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
