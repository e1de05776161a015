// The commands of docs/cli.md, made from the command line itself: `npm run docs:cli` after a change of a command.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Argument, Command, Option } from 'commander';
import { createProgram } from '../lib/cli/program.ts';

const PAGE = resolve(import.meta.dirname, '../docs/cli.md');
const BEGIN = '<!-- made by npm run docs:cli: change lib/cli/program.ts instead -->';

/** The page with its commands as the program has them now; what stands above the mark is written by hand. */
export function renewCommands(page: string): string {
  const [head = ''] = page.split(BEGIN);
  return `${head}${BEGIN}\n\n${printCommands(createProgram(() => async () => undefined))}\n`;
}

function printCommands(command: Command, path: readonly string[] = ['vsweep']): string {
  const below = command.commands.filter((one) => one.name() !== 'help');
  const texts = below.map((one) => printCommands(one, [...path, one.name()]));
  return below.length > 0 ? texts.join('\n\n') : printCommand(command, path.join(' '));
}

function printCommand(command: Command, name: string): string {
  const args = command.registeredArguments;
  const usage = [name, ...args.map(toPlaceholder), '[options]'].join(' ');
  const rows = [
    ...args.map((one) => [toPlaceholder(one), one.description]),
    ...command.options.filter(({ hidden }) => !hidden).map((one) => [one.flags, describe(one)]),
  ];
  return [
    `### ${name}`,
    '',
    `${sentence(command.description())} \`${usage}\``,
    '',
    '| argument or option | meaning |',
    '|---|---|',
    ...rows.map(([what, meaning = '']) => `| \`${escapePipe(what ?? '')}\` | ${escapePipe(meaning)} |`),
  ].join('\n');
}

const toPlaceholder = (argument: Argument) =>
  argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;

function describe({ description, defaultValue, mandatory, argChoices }: Option): string {
  const isShown = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  const notes = [
    ...(mandatory ? ['required'] : []),
    ...(argChoices === undefined ? [] : [argChoices.join(', ')]),
    ...(isShown ? [`default: ${defaultValue}`] : []),
  ];
  // Angle brackets outside code would be taken for HTML.
  const text = description.replaceAll(/(?:\w+=)?<[^>]+>/g, (placeholder) => `\`${placeholder}\``);
  return notes.length === 0 ? text : `${text} (${notes.join('; ')})`;
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
const escapePipe = (text: string) => text.replaceAll('|', '\\|');

if (import.meta.main) writeFileSync(PAGE, renewCommands(readFileSync(PAGE, 'utf8')));
