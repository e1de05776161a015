import { SshError } from './errors.ts';
import { readServiceLines } from './service-lines.ts';
import type { ServiceReading } from './service-reading.ts';
import { toServiceScript } from './service-script.ts';
import { judgeServiceStatus } from './service-status.ts';

export { printServiceLine } from './service-lines.ts';

/** Where ESXi keeps its init scripts. */
const INIT_DIRECTORY = '/etc/init.d';
/** A check that takes longer is killed on the host. */
const CHECK_SECONDS = 8;

/** More than what the longest service list prints (64 records below 4 KB); a host that prints more is cut off. */
export const SERVICE_PROBE_MAX_BYTES = 256 * 1024;

const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const NONCE = /^[A-Za-z0-9]{8,64}$/;

export interface ProbeOptions {
  /** Only test peers put another one in the place of `/etc/init.d`. */
  readonly initDirectory?: string;
  readonly checkSeconds?: number;
}

/** A service to ask for: its init script's name, and whether exit code 0 without a word means that it runs. */
export type AskedService = string | { readonly name: string; readonly silentMeansRunning?: boolean };

export const isServiceName = (name: string): boolean => SERVICE_NAME.test(name);

const nameOf = (service: AskedService): string => (typeof service === 'string' ? service : service.name);

/**
 * A script for a POSIX sh (busybox ash, dash), to be given as the command of one ssh exec. It asks all services at
 * once and prints a record a service: its exit code, the last lines of its stdout and of its stderr, and its end; the
 * code 127 for a missing script and the word `timeout` for a check that was killed. A record is below 4 KB and goes
 * into the channel in one piece.
 */
export function buildServiceProbe(
  services: readonly AskedService[],
  nonce: string,
  { initDirectory = INIT_DIRECTORY, checkSeconds = CHECK_SECONDS }: ProbeOptions = {},
): string {
  const names = services.map(nameOf);
  const wrong = names.find((name) => !isServiceName(name));
  if (wrong !== undefined) throw new TypeError(`not a service name: ${JSON.stringify(wrong)}`);
  if (!NONCE.test(nonce)) throw new TypeError('the nonce must be 8 to 64 letters and digits');
  if (!/^[\w./+-]+$/.test(initDirectory)) throw new TypeError(`not a plain path: ${initDirectory}`);
  return toServiceScript({ services: names, nonce, initDirectory, checkSeconds });
}

/** The services and the nonce of a command that `buildServiceProbe` built for a host; undefined for any other. */
export function readServiceProbe(command: string): { services: string[]; nonce: string } | undefined {
  const nonce = /n=([A-Za-z0-9]{8,64}) /.exec(command)?.[1];
  const services = /\nfor s in ([^\n;]+); do\n/.exec(command)?.[1]?.split(' ');
  if (nonce === undefined || !services?.every(isServiceName)) return undefined;
  return buildServiceProbe(services, nonce) === command ? { services, nonce } : undefined;
}

/**
 * The state of each service in the order asked. Throws SshError `output` when the record of one is missing: the
 * script prints one for each, so it was ended in the middle, and what it did not tell must not read as a dead service.
 */
export function parseServiceProbe(
  stdout: string,
  services: readonly AskedService[],
  nonce: string,
): ServiceReading[] {
  const { answers } = readServiceLines(stdout, nonce);
  return services.map((asked) => {
    const service = nameOf(asked);
    const answer = answers.get(service);
    if (answer === undefined) throw notUnderstood(stdout, services.map(nameOf), answers);
    // What a script says of its service is on stdout; an error of the shell, or a script's only word, on stderr.
    const text = answer.stdout === '' ? answer.stderr : answer.stdout;
    return { service, state: judgeServiceStatus(text, answer.code, typeof asked === 'string' ? {} : asked) };
  });
}

/** What the probe found missing on the host, and what follows from it. */
export function warningsOfProbe(stdout: string, nonce: string): string[] {
  return Array.from(
    readServiceLines(stdout, nonce).lacks,
    (tool) => `the host has no ${tool}: ${FOLLOWS[tool]}`,
  );
}

const FOLLOWS: Readonly<Record<string, string>> = {
  setsid: 'processes of a check that hangs are killed only after the other checks',
  sleep: 'a check that hangs cannot be ended, and then all services of the host fail',
};

function notUnderstood(
  stdout: string,
  services: readonly string[],
  answers: ReadonlyMap<string, unknown>,
): SshError {
  const missing = services.filter((service) => !answers.has(service));
  const what =
    missing.length === services.length
      ? `cannot be parsed: none of its ${stdout.length} characters is a line of the probe`
      : `is incomplete: it has no result for ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ' …' : ''}`;
  return new SshError(
    `the service probe's output ${what}. Run on the host: /etc/init.d/hostd status, and check the account's shell`,
    { code: 'output', loggedIn: true },
  );
}
