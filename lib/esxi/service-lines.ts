import { PIECE_BYTES } from './service-script.ts';

/** What the probe printed about one service; `stdout` and `stderr` are the last lines of each, folded to ASCII. */
export interface ServiceAnswer {
  readonly code: number | 'timeout';
  readonly stdout: string;
  readonly stderr: string;
}

/** What stands behind `@@<nonce> `. One expression for all hosts: one with the nonce in it is compiled for each. */
const LINE =
  /^(\S{1,64}) (?:(?<stream>[12]) (?<piece>.*)|= (?<code>\d{1,3}|timeout)|lacks (?<tool>setsid|sleep)|end)$/s;

/**
 * Puts the lines of the probe together. A service is in `answers` when its record came to its end; the first record
 * of a service counts. A piece of text holds no end of a line, so no script can print a line of another service.
 */
export function readServiceLines(
  stdout: string,
  nonce: string,
): { answers: ReadonlyMap<string, ServiceAnswer>; lacks: ReadonlySet<string> } {
  const mark = `@@${nonce} `;
  const answers = new Map<string, ServiceAnswer>();
  const lacks = new Set<string>();
  const open = new Map<string, { code?: ServiceAnswer['code']; pieces: Record<'1' | '2', string[]> }>();
  for (const line of stdout.split('\n')) {
    const at = line.indexOf(mark);
    const found = at === -1 ? null : LINE.exec(line.slice(at + mark.length).replace(/\r$/, ''));
    if (found === null) continue;
    const [, service = ''] = found;
    if (answers.has(service)) continue;
    const { stream, piece = '', code, tool } = found.groups ?? {};
    const record = open.get(service) ?? { pieces: { 1: [], 2: [] } };
    open.set(service, record);
    if (tool !== undefined) lacks.add(tool);
    else if (code !== undefined) record.code = code === 'timeout' ? code : Number(code);
    else if (stream === '1' || stream === '2') record.pieces[stream].push(piece);
    else if (record.code !== undefined) {
      const { 1: out, 2: err } = record.pieces;
      answers.set(service, { code: record.code, stdout: join(out), stderr: join(err) });
    }
  }
  return { answers, lacks };
}

/** A piece that is full goes on in the next one; any other one ended with its line. */
function join(pieces: readonly string[]): string {
  const whole = pieces
    .filter((piece) => piece !== '')
    .map((piece) => (piece.length >= PIECE_BYTES ? piece : `${piece}\n`))
    .join('');
  return whole.replace(/[^\n!-~]+/g, ' ').trim();
}

/** The lines that the script prints for one service. */
export function printServiceLine(
  nonce: string,
  service: string,
  { code, text, stderr = '' }: { code: number | 'timeout'; text: string; stderr?: string },
): string {
  const mark = `@@${nonce} ${service}`;
  const cut = (stream: 1 | 2, printed: string) =>
    toPieces(printed).map((piece) => `${mark} ${stream} ${piece}\n`);
  return [`${mark} = ${code}\n`, ...cut(2, stderr), ...cut(1, text), `${mark} end\n`].join('');
}

const toPieces = (printed: string): string[] =>
  printed
    .replaceAll('\0', '')
    .split('\n')
    .flatMap((line) => line.match(new RegExp(`.{1,${PIECE_BYTES}}`, 'gs')) ?? [])
    .slice(-4);
