/** What an init script of the simulated host is made to find; a `hung` one is killed by the probe. */
export type DemoServiceState = 'running' | 'stopped' | 'absent' | 'hung';

/** Scripts whose display name is not their own (domain facts, A.5). */
const DISPLAY_NAMES: Readonly<Record<string, string>> = {
  lbtd: 'net-lbt',
  netcpad: 'netCP agent service',
  'nsx-opsagent': 'opsAgent',
  'sfcbd-watchdog': 'sfcbd',
  wsman: 'openwsmand',
};
/** Scripts that end their line with a full stop. */
const WITH_FULL_STOP: readonly string[] = ['hostd'];

/** The text and exit code that ESXi's `/etc/init.d/<service> status` gives. */
export function answerOfInitScript(
  service: string,
  state: DemoServiceState,
): { code: number | 'timeout'; stdout: string } {
  if (state === 'hung') return { code: 'timeout', stdout: '' };
  if (state === 'absent') return { code: 127, stdout: '' };
  const code = state === 'running' ? 0 : 3;
  if (service === 'SSH')
    return { code, stdout: `SSH login is ${state === 'running' ? 'started' : 'stopped'}` };
  const verb = state === 'running' ? 'is running' : 'is not running';
  const end = WITH_FULL_STOP.includes(service) ? '.' : '';
  return { code, stdout: `${DISPLAY_NAMES[service] ?? service} ${verb}${end}` };
}
