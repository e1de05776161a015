import type { Command, CommanderError } from 'commander';
import { toShellWord } from '../platform/quote.ts';

/**
 * What was likely meant by a command line that Commander refused: an option before its command, or a command without the
 * group that it is in. Undefined for any other.
 */
export function hintAt(
  { code }: Pick<CommanderError, 'code'>,
  args: readonly string[],
  program: Command,
): string | undefined {
  const groups = program.commands;
  const names = groups.map((command) => command.name());
  if (code === 'commander.unknownOption' && args[0]?.startsWith('-')) {
    const at = args.findIndex((arg) => names.includes(arg));
    if (at === -1) return undefined;
    const moved = [...args.slice(at), ...args.slice(0, at)].map(toShellWord).join(' ');
    return `put options after the command: vsweep ${moved}`;
  }
  if (code !== 'commander.unknownCommand') return undefined;
  const below = groups
    .filter(({ commands }) => commands.some((command) => command.name() === args[0]))
    .map((group) => `vsweep ${group.name()} ${args[0]}`);
  return below.length === 0 ? undefined : `did you mean ${below.join(' or ')}?`;
}
