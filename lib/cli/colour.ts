type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the terminal has colours and nobody wants it plain (https://no-color.org). */
export const hasColours = (stream: Pick<NodeJS.WriteStream, 'isTTY'>, env: Environment): boolean =>
  stream.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';

const RED = 31;
const YELLOW = 33;

/** Words that say what is wrong, as they stand in summaries and tables, and their colour. */
const WORDS: readonly (readonly [RegExp, number])[] = [
  [/\bfailed\([a-z-]+\)/g, RED],
  [/\bskipped\([a-z-]+\)/g, YELLOW],
  [/^ *problem:/gm, RED],
  [/^ *warning:/gm, YELLOW],
  [/\bNOT (?:LISTED|DELIVERED)\b|\bLATE\b/g, RED],
];

/** The text with the colours of a terminal; without them it is the same text. */
export const paint = (text: string): string =>
  WORDS.reduce(
    (painted, [words, colour]) => painted.replace(words, (word) => `\x1b[${colour}m${word}\x1b[39m`),
    text,
  );
