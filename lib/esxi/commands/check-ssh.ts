/** A form of a program's arguments: a pattern for each, in their order. */
interface Form {
  readonly program: string;
  readonly args: readonly RegExp[];
  /** As it is shown in the message. */
  readonly shown: string;
}

const PATH = String.raw`(?!.*/\.\.(?:/|$))/[\w./+-]{1,200}`;
/** Logs, but those of shells and logins, in which passwords stand that somebody typed. */
const LOG = String.raw`/var/(?:run/)?log/(?!shell|auth|esxcli|bash)[\w-]{1,60}\.log`;
const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);
const form = (program: string, shown: string, ...args: readonly string[]): Form => ({
  program,
  shown: `[${[program, ...(shown === '' ? [] : [shown])].join(', ')}]`,
  args: args.map(whole),
});

const COUNT = String.raw`[1-9]\d{0,3}`;
const PATTERN = String.raw`[^\p{Cc}]{1,500}`;

/** What may be run on a host: each form only reads, and prints no secret. */
const FORMS: readonly Form[] = [
  form('readlink', '-f, <path>', '-f', PATH),
  form('ls', '-1, <path>', '-1', PATH),
  form('wc', '-l, <log>', '-l', LOG),
  form('tail', '-n, <number>, <log>', '-n', COUNT, LOG),
  form('head', '-n, <number>, <log>', '-n', COUNT, LOG),
  {
    ...form('grep', '-c, -E, <pattern>, <log>'),
    args: [/^-c$/, /^-E$/, new RegExp(`^(?!-)${PATTERN}$`, 'u'), whole(LOG)],
  },
  form('vdf', '-h', '-h'),
  form('df', '-h', '-h'),
  form('uptime', ''),
  form('date', '+%s', String.raw`\+%s`),
  form('uname', '-r', '-r'),
  form('vmware', '-v', '-v'),
  form('ntpq', '-pn', '-pn'),
  form('pam_tally2', '--user, <account>', '--user', String.raw`(?!-)[\w.-]{1,64}`),
  form('faillock', '--user, <account>', '--user', String.raw`(?!-)[\w.-]{1,64}`),
  form('chkconfig', '--list', '--list'),
  form('esxcfg-nics', '-l', '-l'),
  form('esxcfg-vmknic', '-l', '-l'),
  form('esxcfg-scsidevs', '-l', '-l'),
  form('esxcfg-mpath', '-b', '-b'),
];

/** What may be written in `ssh`, for messages and docs. */
export const SSH_FORMS: readonly string[] = FORMS.map(({ shown }) => shown);

/** Why an argument list is refused; undefined for one of the forms. */
export function whyNoSshCommand(argv: readonly string[]): string | undefined {
  const [program = '', ...args] = argv;
  const isAllowed = FORMS.some(
    (one) =>
      one.program === program &&
      one.args.length === args.length &&
      one.args.every((pattern, index) => pattern.test(args[index] ?? '')),
  );
  if (isAllowed) return undefined;
  const ofProgram = FORMS.filter((one) => one.program === program).map(({ shown }) => shown);
  const list = ofProgram.length > 0 ? ofProgram : SSH_FORMS;
  const what = ofProgram.length > 0 ? `these arguments of ${program} are` : `"${program}" is`;
  return `${what} not in the list of what only reads: ${list.join(' ')}. <log> is a file of /var/run/log or /var/log that ends with .log, but those whose names begin with shell, auth, esxcli or bash`;
}
