import type { Cli } from './cli.ts';
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
  /** How the host answers esxcli; undefined where that was not asked, or is not known. */
  readonly cli: Cli | undefined;
}

type Bounds = Pick<ScriptedCommand, 'label' | 'lines' | 'shape' | 'each'>;

interface Open {
  readonly maxPieces: number;
  readonly pieces: Record<'1' | '2', string[]>;
  code?: CommandAnswer['code'];
  isOver: boolean;
  isWhole: boolean;
  readonly isOfEsxcli: boolean;
  /** Of a command for each name: its answers by their number. */
  readonly each?: { readonly most: number; readonly byNumber: Map<string, Open> };
  name?: string;
}

/** What stands behind `@@<nonce> `. One expression for all hosts: one with the nonce in it is compiled for each. */
const LINE =
  /^(\S{1,100}) (?:(?<stream>[12]) (?<piece>.*)|(?:= (?<code>\d{1,3}|timeout)|lacks (?<tool>setsid|sleep)|cli (?<program>esxcli|localcli|none) (?<format>json|csv|none)|name (?<name>[\w.:@-]{1,200})|(?<over>over)|end)\r?)$/s;

/**
 * Tells the lines of a session's commands apart, in whatever order they come, and keeps of each command no more than it
 * may print. Output is bytes as latin1, because a piece may begin or end within a character. The first record of a
 * command counts, and lines of what was not asked are noise.
 */
export function readAnswers(output: string, nonce: string, asked: readonly Bounds[]): SessionAnswers {
  const mark = `@@${nonce} `;
  const lacks = new Set<string>();
  const open = new Map(asked.map((one) => [one.label, begin(one)]));
  let cli: Cli | undefined;
  for (const line of output.split('\n')) {
    const at = line.indexOf(mark);
    const found = at === -1 ? null : LINE.exec(line.slice(at + mark.length));
    if (found === null) continue;
    const [, label = ''] = found;
    const { tool, program, format } = found.groups ?? {};
    if (tool !== undefined) lacks.add(tool);
    else if (program !== undefined) cli ??= { program, format } as Cli;
    else take(open.get(label) ?? oneOfEach(open, label), found.groups ?? {});
  }
  const answers = new Map<string, WholeAnswer>();
  for (const [label, one] of open) {
    const answer = wholeOf(one, cli);
    if (answer !== undefined) answers.set(label, answer);
  }
  return { answers, lacks, cli };
}

const begin = ({ lines, shape, each }: Pick<Bounds, 'lines' | 'shape' | 'each'>): Open => ({
  maxPieces: lines,
  pieces: { 1: [], 2: [] },
  isOver: false,
  isWhole: false,
  isOfEsxcli: shape !== undefined,
  ...(each && { each: { most: each.most, byNumber: new Map() } }),
});

/** The answer for one name of a list, whose label has a number behind that of its command. */
function oneOfEach(open: ReadonlyMap<string, Open>, label: string): Open | undefined {
  const [, parent = '', number = ''] = /(.*)\.(\d{1,2})$/.exec(label) ?? [];
  const of = open.get(parent);
  if (of?.each === undefined || Number(number) < 1 || Number(number) > of.each.most) return undefined;
  const known = of.each.byNumber.get(number);
  if (known !== undefined) return known;
  const one = begin({ lines: of.maxPieces, shape: 'object' });
  of.each.byNumber.set(number, one);
  return one;
}

/** Undefined while a command has not ended. A name whose command did not end has no answer. */
function wholeOf(
  { isWhole, code, isOver, pieces, isOfEsxcli, each }: Open,
  cli: Cli | undefined,
): WholeAnswer | undefined {
  if (!isWhole || code === undefined) return undefined;
  const named = [...(each?.byNumber.values() ?? [])].flatMap((one) => {
    const answer = wholeOf(one, cli);
    return answer === undefined || one.name === undefined ? [] : [{ name: one.name, answer }];
  });
  const answer: WholeAnswer = { code, isOver, stdout: join(pieces[1]), stderr: join(pieces[2]) };
  return { ...answer, ...(isOfEsxcli && cli && { cli }), ...(each && { each: named }) };
}

function take(command: Open | undefined, line: { readonly [part: string]: string | undefined }): void {
  if (command === undefined || command.isWhole) return;
  const { stream, piece: printed = '', code, over, name } = line;
  // A piece that is full may end within a line.
  const piece = printed.length === PIECE_BYTES ? printed : printed.replace(/\r$/, '');
  if (code !== undefined) command.code = code === 'timeout' ? code : Number(code);
  else if (over !== undefined) command.isOver = true;
  else if (name !== undefined) command.name ??= name;
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

/** How a command of a peer ends; of one that is asked for each name, by their names. */
export interface PrintedAnswer {
  readonly code: CommandAnswer['code'];
  readonly stdout?: string;
  readonly stderr?: string;
  readonly each?: readonly { readonly name: string; readonly answer: PrintedAnswer }[];
}

/** What the script prints first where it asks esxcli. */
export const printCli = (nonce: string, { program, format }: Cli): string =>
  `@@${nonce} - cli ${program} ${format}\n`;

function printEach(
  nonce: string,
  { label, lines }: Bounds,
  {
    code,
    named,
    most,
  }: Pick<PrintedAnswer, 'code'> & {
    named: NonNullable<PrintedAnswer['each']>;
    most: number;
  },
): string {
  const mark = `@@${nonce} ${label}`;
  const answers = named.slice(0, most).map(({ name, answer }, index) => {
    const one = `${label}.${index + 1}`;
    return `@@${nonce} ${one} name ${name}\n${printAnswer(nonce, { label: one, lines }, answer)}`;
  });
  const over = named.length > most ? `${mark} over\n` : '';
  return `${answers.join('')}${over}${mark} = ${code}\n${mark} end\n`;
}

/** The lines that the script prints of one command; for peers that answer without a shell. As latin1. */
export function printAnswer(
  nonce: string,
  { label, lines, each }: Bounds,
  { code, stdout = '', stderr = '', each: named = [] }: PrintedAnswer,
): string {
  if (each !== undefined) return printEach(nonce, { label, lines }, { code, named, most: each.most });
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
