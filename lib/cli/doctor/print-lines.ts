import { toPrintable } from '../../platform/printable.ts';
import type { Line } from './engine/check.ts';
import type { Colour } from './verdicts/verdict.ts';

/** SGR of ECMA-48: green, yellow and red text. */
const SGR: Readonly<Record<Colour, string>> = { green: '32', yellow: '33', red: '31' };

/**
 * The reason behind the colour, the check and its subject; below it the command that mends it, alone on its line, so that
 * it can be copied. Nothing that a peer said can move the cursor.
 */
export function printLine({ colour, check, subject, reason, command }: Line): string {
  const line = `${colour.padEnd('yellow'.length)}  ${toPrintable(`${check} ${subject}: ${reason}`)}`;
  return command === undefined ? line : `${line}\n        ${toPrintable(command)}`;
}

/** A printed line with its word in its colour. */
export const inColour = (printed: string): string =>
  printed.replace(/^(green|yellow|red)/, (word) => `\x1b[${SGR[word as Colour]}m${word}\x1b[39m`);

/** `12 green, 1 yellow, 2 red`. */
export function printCounts(lines: readonly Line[]): string {
  const count = (colour: Colour) => lines.filter((line) => line.colour === colour).length;
  return `${count('green')} green, ${count('yellow')} yellow, ${count('red')} red`;
}

/** 1 where anything is red: a run would fail by it. */
export const exitCodeOf = (lines: readonly Line[]): 0 | 1 =>
  lines.some(({ colour }) => colour === 'red') ? 1 : 0;
