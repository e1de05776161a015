import type { EachOf } from './cli.ts';
import { headOfCli, printLanes } from './esxcli-script.ts';
import type { ScriptedCommand } from './scripted-command.ts';

export type { ScriptedCommand };

/** So many bytes of a line are one piece of text. */
export const PIECE_BYTES = 200;
/** So many pieces are kept of a stream whose tail is kept: the last ones. */
export const TAIL_PIECES = 4;
const TAIL = ['a', 'b', 'c', 'e'];

const LABEL = /^[a-z][a-z0-9-]{0,31}\/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const NONCE = /^[A-Za-z0-9]{8,64}$/;
/** Linux takes 128 KiB as one argument of a program, and OpenSSH 256 KiB as one packet. */
const MAX_SCRIPT_CHARACTERS = 100_000;
const MAX_COMMANDS = 128;

/**
 * Runs one command: mark, process id of the sleeper, the option that bounds `read`, lines, arguments. Each line that it
 * prints goes through `keep` or `pass`, which put the mark before it: so no command can print a line of another one, be it
 * that it knows the nonce. Both streams are read to their end, because a closed pipe would end the command by SIGPIPE.
 * `read` is a builtin and takes a byte a system call (0.4 MB/s on ash), so the time of the command bounds what it costs
 * when it floods. Where `read` has no -n, `keep` keeps the head of a longer line, and `pass` says that it is over.
 */
const RUN = `m=$1 z=$2 by=$3 k=$4; shift 4
keep() {
${TAIL.map((name) => `${name}=`).join(' ')}
while IFS= read -r $by l || [ "$l" ]; do [ "$l" ] && a=$b b=$c c=$e e=$l; done
printf "$1 %.${PIECE_BYTES}s\\n" ${TAIL.map((name) => `\${${name}:+"$${name}"}`).join(' ')}
}
pass() {
i=0
while IFS= read -r $by l || [ "$l" ]; do
[ "$i" -lt "$k" ] && printf "$1 %.${PIECE_BYTES}s\\n" "$l"
[ "$by" ] || [ "\${#l}" -lt ${PIECE_BYTES} ] || i=$k
i=$((i+1))
done
[ "$i" -le "$k" ] || printf "$m over\\n"
}
go() { { { { "$@" 2>&1 >&3 3>&- 4>&-; printf "$m = %s\\n" "$?" >&4
} | keep "$m 2" >&4; } 3>&1 | "$w" "$m 1"; } 4>&1; }
if [ "$k" = 0 ]; then w=keep; out=$(go "$@"); printf "%s\\n$m end\\n" "$out"
else w=pass; go "$@"; printf "$m end\\n"; fi
kill "$z"`;

/**
 * The script (busybox ash, dash), of builtins, `sleep` and, where the host has it, `setsid`. A command runs in a session
 * of its own, and its whole process group is killed when it ends or when its time is over. On a host without `setsid` its
 * shell is killed at that time, and what it started when the whole script ends: the shell that sshd starts leads a group
 * of its own. Whichever of the two is missing is told. The sleeper that measures the time is killed by the command when
 * that ends first.
 */
const PROLOGUE = `exec </dev/null 2>/dev/null
own=setsid; setsid sh -c : || { own=; printf '@@%s - lacks setsid\\n' "$n"; }
by=-n${PIECE_BYTES}; sh -c 'echo ab | { read -r -n1 l; [ "$l" = a ]; }' || by=
run='${RUN}'
ask() {
m="@@$n $1" t=$2 k=$3; shift 3
case $1 in */*) [ -f "$1" ];; *) command -v "$1";; esac >/dev/null || { printf '%s = 127\\n%s end\\n' "$m" "$m"; return; }
(
sleep "$t" >/dev/null & z=$!
$own sh -c "$run" sh "$m" "$z" "$by" "$k" "$@" & p=$!
wait "$z"; case $? in
0) kill -9 "-$p" || kill -9 "$p"; printf '%s = timeout\\n%s end\\n' "$m" "$m";;
126|127) printf '@@%s - lacks sleep\\n' "$n"; wait "$p";;
*) wait "$p"; kill -9 "-$p";;
esac
) &
}
`;
const EPILOGUE = `wait
[ "$own" ] || kill -9 "-$$"
`;

/**
 * The command of one ssh exec: runs all commands at once, and prints lines `@@<nonce> <label> …` of each: pieces of text
 * (`1`, `2`), `= <code>` or `= timeout`, `over`, and `end`. Throws TypeError for what a shell would read differently.
 */
export function buildScript(commands: readonly ScriptedCommand[], nonce: string): string {
  if (!NONCE.test(nonce)) throw new TypeError('the nonce must be 8 to 64 letters and digits');
  if (commands.length > MAX_COMMANDS)
    throw new TypeError(`${commands.length} commands in one session; at most ${MAX_COMMANDS} are possible`);
  const [plain, esxcli] = [commands.filter((one) => !one.shape), commands.filter((one) => one.shape)];
  const asked = plain.map(toLine).join('') + printLanes(esxcli, toLine);
  const script = `n=${nonce}\n${PROLOGUE}${asked}${EPILOGUE}`;
  if (script.length > MAX_SCRIPT_CHARACTERS)
    throw new TypeError(
      `the script of a session has ${script.length} characters, over ${MAX_SCRIPT_CHARACTERS}`,
    );
  return script;
}

function toLine(command: ScriptedCommand): string {
  const { label, seconds, lines, argv, shape } = command;
  if (!LABEL.test(label)) throw new TypeError(`not a label of a command: ${JSON.stringify(label)}`);
  if (!isCount(seconds) || seconds === 0) throw new TypeError(`${label}: not a time in seconds: ${seconds}`);
  if (!isCount(lines)) throw new TypeError(`${label}: not a number of lines: ${lines}`);
  // A builtin's option would be one of `command` or `[`.
  if (!/^[\w./][\w./+-]*$/.test(argv[0]))
    throw new TypeError(`${label}: not a program: ${JSON.stringify(argv[0])}`);
  const wrong = argv.find((one) => /\p{Cc}/u.test(one));
  if (wrong !== undefined)
    throw new TypeError(`${label}: an argument has a control character: ${JSON.stringify(wrong)}`);
  if (shape === undefined) return `ask ${label} ${seconds} ${lines} ${argv.map(quote).join(' ')}\n`;
  if (argv[0] !== 'esxcli') throw new TypeError(`${label}: not a command of esxcli: ${argv[0]}`);
  return `${[headOfCli(command), ...argv.slice(1).map(quote)].join(' ')}\n`;
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 1_000_000;

const quote = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** What a script asks; undefined for any other command. For peers that answer without a shell. */
export function readScript(script: string): { nonce: string; commands: ScriptedCommand[] } | undefined {
  const nonce = /^n=([A-Za-z0-9]{8,64})\n/.exec(script)?.[1];
  if (nonce === undefined) return undefined;
  const commands = Array.from(script.matchAll(LINE), ({ groups = {} }) => readLine(groups));
  try {
    return buildScript(commands, nonce) === script ? { nonce, commands } : undefined;
  } catch {
    return undefined;
  }
}

const LINE =
  /^(?:ask|(?:cli|each) (?<lane>\d+) (?<shape>list|object)(?:=(?<columns>\S+))?) (?<label>\S+) (?<seconds>\d+) (?<lines>\d+)(?: (?<most>\d+))?(?<words>(?: '(?:[^'\n]|'\\'')*')*)$/gm;

type Groups = { readonly [group: string]: string | undefined };

function readLine({
  lane,
  shape,
  columns,
  label = '',
  seconds,
  lines,
  most,
  words = '',
}: Groups): ScriptedCommand {
  const read = Array.from(words.matchAll(/ '((?:[^']|'\\'')*)'/g), ([, word = '']) =>
    word.replaceAll(String.raw`'\''`, "'"),
  );
  const own = { label, seconds: Number(seconds), lines: Number(lines) };
  if (shape !== 'list' && shape !== 'object') {
    const [program = '', ...args] = read;
    return { ...own, argv: [program, ...args] };
  }
  const common = {
    ...own,
    shape,
    ...(columns !== undefined && { columns }),
    lane: Number(lane),
  } satisfies Partial<ScriptedCommand>;
  if (most === undefined) return { ...common, argv: ['esxcli', ...read] };
  const [field = '', when = '-', list = '', ...args] = read;
  const each: EachOf = { list, field, ...(when !== '-' && { when }), most: Number(most) };
  return { ...common, argv: ['esxcli', ...args], each };
}
