import type { CommandAnswer } from './probe.ts';
import { PIECE_BYTES, type ScriptedCommand, TAIL_PIECES } from './script.ts';

/** The answer of a command whose lines came to their end. */
export interface WholeAnswer extends CommandAnswer {
  /** It printed more lines than are kept. */
  readonly isOver: boolean;
}

export interface SessionAnswers {
  /** By label. */
  readonly answers: ReadonlyMap<string, WholeAnswer>;
  /** What the script would use and the host does not have. */
  readonly lacks: ReadonlySet<string>;
}

type Bounds = Pick<ScriptedCommand, 'label' | 'lines'>;

interface Open {
  readonly maxPieces: number;
  readonly pieces: Record<'1' | '2', string[]>;
  code?: CommandAnswer['code'];
  isOver: boolean;
  isWhole: boolean;
}

/** What stands behind `@@<nonce> `. One expression for all hosts: one with the nonce in it is compiled for each. */
const LINE =
  /^(\S{1,100}) (?:(?<stream>[12]) (?<piece>.*)|(?:= (?<code>\d{1,3}|timeout)|lacks (?<tool>setsid|sleep)|(?<over>over)|end)\r?)$/s;

/**
 * Tells the lines of a session's commands apart, in whatever order they come, and keeps of each command no more than it
 * may print. Output is bytes as latin1, because a piece may begin or end within a character. The first record of a
 * command counts, and lines of what was not asked are noise.
 */
export function readAnswers(output: string, nonce: string, asked: readonly Bounds[]): SessionAnswers {
  const mark = `@@${nonce} `;
  const lacks = new Set<string>();
  const open = new Map(asked.map(({ label, lines }) => [label, begin(lines)]));
  for (const line of output.split('\n')) {
    const at = line.indexOf(mark);
    const found = at === -1 ? null : LINE.exec(line.slice(at + mark.length));
    if (found === null) continue;
    const [, label = ''] = found;
    const { tool } = found.groups ?? {};
    if (tool !== undefined) lacks.add(tool);
    else take(open.get(label), found.groups ?? {});
  }
  const answers = new Map<string, WholeAnswer>();
  for (const [label, { isWhole, code, isOver, pieces }] of open)
    if (isWhole && code !== undefined)
      answers.set(label, { code, isOver, stdout: join(pieces[1]), stderr: join(pieces[2]) });
  return { answers, lacks };
}

const begin = (lines: number): Open => ({
  maxPieces: lines,
  pieces: { 1: [], 2: [] },
  isOver: false,
  isWhole: false,
});

function take(command: Open | undefined, line: { readonly [part: string]: string | undefined }): void {
  if (command === undefined || command.isWhole) return;
  const { stream, piece: printed = '', code, over } = line;
  // A piece that is full may end within a line.
  const piece = printed.length === PIECE_BYTES ? printed : printed.replace(/\r$/, '');
  if (code !== undefined) command.code = code === 'timeout' ? code : Number(code);
  else if (over !== undefined) command.isOver = true;
  else if (stream === '1' && command.maxPieces > 0) {
    if (command.pieces[1].length < command.maxPieces) command.pieces[1].push(piece);
    else command.isOver = true;
  } else if (stream === '1' || stream === '2') keepTail(command.pieces[stream], piece);
  else if (command.code !== undefined) command.isWhole = true;
}

function keepTail(pieces: string[], piece: string): void {
  if (piece === '') return;
  pieces.push(piece);
  if (pieces.length > TAIL_PIECES) pieces.shift();
}

/** A piece that is full goes on in the next one; any other one ended with its line. */
const join = (pieces: readonly string[]): string =>
  Buffer.from(
    pieces.map((piece) => (piece.length >= PIECE_BYTES ? piece : `${piece}\n`)).join(''),
    'latin1',
  ).toString();

/** The lines that the script prints of one command; for peers that answer without a shell. As latin1. */
export function printAnswer(
  nonce: string,
  { label, lines }: Bounds,
  { code, stdout = '', stderr = '' }: { code: CommandAnswer['code']; stdout?: string; stderr?: string },
): string {
  const mark = `@@${nonce} ${label}`;
  const print = (stream: 1 | 2, pieces: readonly string[]) =>
    pieces.map((piece) => `${mark} ${stream} ${piece}\n`);
  const tailOf = (text: string) =>
    toPieces(text)
      .filter((piece) => piece !== '')
      .slice(-TAIL_PIECES);
  const whole = toPieces(stdout);
  return [
    `${mark} = ${code}\n`,
    ...print(2, tailOf(stderr)),
    ...print(1, lines === 0 ? tailOf(stdout) : whole.slice(0, lines)),
    ...(lines > 0 && whole.length > lines ? [`${mark} over\n`] : []),
    `${mark} end\n`,
  ].join('');
}

/** As `read -n` cuts: a line that fills its last piece has an empty one behind it. */
function toPieces(text: string): string[] {
  const bytes = Buffer.from(text.replaceAll('\0', '')).toString('latin1');
  const lines = bytes.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.flatMap((line) => {
    const full = line.match(new RegExp(`.{${PIECE_BYTES}}`, 'gs')) ?? [];
    return [...full, line.slice(full.length * PIECE_BYTES)];
  });
}
