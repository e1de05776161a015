import { SshError } from './errors.ts';
import type { ServiceReading } from './service-reading.ts';
import { judgeServiceStatus } from './service-status.ts';

/** Where ESXi keeps its init scripts. */
const INIT_DIRECTORY = '/etc/init.d';
/** A check that takes longer is killed on the host. */
const CHECK_SECONDS = 8;
/** So much of what an init script prints is kept: a line stays far below the 4 KB that a pipe takes in one piece. */
const TEXT_BYTES = 400;

/** More than the lines of any real service list; a host that prints more is cut off. */
export const SERVICE_PROBE_MAX_BYTES = 64 * 1024;

const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const NONCE = /^[A-Za-z0-9]{8,64}$/;

export interface ProbeOptions {
  /** Only test peers put another one in the place of `/etc/init.d`. */
  readonly initDirectory?: string;
  readonly checkSeconds?: number;
}

export const isServiceName = (name: string): boolean => SERVICE_NAME.test(name);

/**
 * Asks one service: directory, service, nonce, process id of the sleeper. The script's exit code and its text, cut
 * and folded to printable ASCII, come through the same pipe from two processes, so the code may stand anywhere
 * between its bars; `tr` takes every other bar away. `dd` reads byte by byte, because `head -c` is an option that
 * not every busybox has.
 */
const CHECK = [
  'out=$( { { "$1/$2" status </dev/null 2>&1 3>&-; printf "|%s|" "$?" >&3; }',
  ` | dd bs=1 count=${TEXT_BYTES} | tr -c " -{}~" " "; } 3>&1 )`,
  '; printf "@@%s %s %s\\n" "$3" "$2" "$out"; kill "$4"',
].join('');

/**
 * A POSIX sh script (busybox ash, dash), to be given as the command of one ssh exec. It asks all services at once
 * and prints one line a service: `@@<nonce> <service> |<exit code>|<text>`, with the code 127 for a missing script
 * and the word `timeout` for a check that was killed.
 *
 * A check runs in a session of its own (`setsid`), and its whole process group is killed when it ends or when its
 * time is over. On a host without `setsid` only the check's shell can be killed. The sleeper that measures the
 * time is killed by the check when that ends first.
 */
export function buildServiceProbe(
  services: readonly string[],
  nonce: string,
  { initDirectory = INIT_DIRECTORY, checkSeconds = CHECK_SECONDS }: ProbeOptions = {},
): string {
  const wrong = services.find((service) => !isServiceName(service));
  if (wrong !== undefined) throw new TypeError(`not a service name: ${JSON.stringify(wrong)}`);
  if (!NONCE.test(nonce)) throw new TypeError('the nonce must be 8 to 64 letters and digits');
  if (!/^[\w./+-]+$/.test(initDirectory)) throw new TypeError(`not a plain path: ${initDirectory}`);
  return `n=${nonce} d=${initDirectory}
exec </dev/null 2>/dev/null
own=setsid; setsid sh -c : || own=
check='${CHECK}'
for s in ${services.join(' ')}; do
if [ -f "$d/$s" ]; then (
sleep ${checkSeconds} >/dev/null & z=$!
$own sh -c "$check" sh "$d" "$s" "$n" "$z" & p=$!
if wait "$z"; then kill -9 "-$p" || kill -9 "$p"; printf '@@%s %s |timeout|\\n' "$n" "$s"
else wait "$p"; kill -9 "-$p"; fi
) & else printf '@@%s %s |127|\\n' "$n" "$s"; fi
done
wait
`;
}

/** The services and the nonce of a command that `buildServiceProbe` built for a host; undefined for any other. */
export function readServiceProbe(command: string): { services: string[]; nonce: string } | undefined {
  const [, nonce = ''] = /^n=([A-Za-z0-9]{8,64}) /.exec(command) ?? [];
  const [, names = ''] = /\nfor s in ([^\n;]+); do\n/.exec(command) ?? [];
  const services = names.split(' ');
  if (!NONCE.test(nonce) || !services.every(isServiceName)) return undefined;
  return buildServiceProbe(services, nonce) === command ? { services, nonce } : undefined;
}

/** The line that the script prints for one service. */
export function printServiceLine(
  nonce: string,
  service: string,
  { code, text }: { code: number | 'timeout'; text: string },
): string {
  const folded = text.slice(0, TEXT_BYTES).replace(/[^ -{}~]/g, ' ');
  return `@@${nonce} ${service} |${code}|${folded}\n`;
}

/**
 * The state of each service in the order asked. Throws SshError `output` when the line of one is missing: the script
 * prints one for each, so it was ended in the middle, and what it did not tell must not read as a dead service.
 */
export function parseServiceProbe(
  stdout: string,
  services: readonly string[],
  nonce: string,
): ServiceReading[] {
  const states = new Map<string, ServiceReading['state']>();
  for (const [, service = '', before = '', code = '', after = ''] of findLines(stdout, nonce)) {
    if (states.has(service)) continue;
    states.set(service, judgeServiceStatus(before + after, code === 'timeout' ? code : Number(code)));
  }
  return services.map((service) => {
    const state = states.get(service);
    if (state === undefined) throw notUnderstood(stdout, services, states);
    return { service, state };
  });
}

function notUnderstood(
  stdout: string,
  services: readonly string[],
  states: ReadonlyMap<string, unknown>,
): SshError {
  const missing = services.filter((service) => !states.has(service));
  const what =
    missing.length === services.length
      ? `is not understood: ${stdout.length} characters without a line of its own`
      : `ended in the middle: it says nothing of ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ' …' : ''}`;
  return new SshError(
    `the service probe's output ${what}; run /etc/init.d/hostd status on the host by hand and look at its shell`,
    { code: 'output', loggedIn: true },
  );
}

/** What stands behind the nonce. One expression for all hosts: one with the nonce in it is compiled for each. */
const LINE = /(\S{1,64}) ([ -{}~]*)\|(\d{1,3}|timeout)\|([ -{}~]*)\r?$/my;

function findLines(stdout: string, nonce: string): RegExpExecArray[] {
  const mark = `@@${nonce} `;
  const lines: RegExpExecArray[] = [];
  for (let at = stdout.indexOf(mark); at !== -1; ) {
    LINE.lastIndex = at + mark.length;
    const line = LINE.exec(stdout);
    if (line !== null) lines.push(line);
    at = stdout.indexOf(mark, line === null ? at + 1 : LINE.lastIndex);
  }
  return lines;
}
