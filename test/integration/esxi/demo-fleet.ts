import type { Credential, Proof } from '../../../lib/credentials/credential.ts';
import { type DemoEsxi, type DemoSshBehaviour, startDemoEsxi } from '../../../lib/demo/esxi-sshd.ts';
import { SshError } from '../../../lib/esxi/errors.ts';
import {
  type CommandResult,
  type RunCommandDeps,
  type RunCommandRequest,
  runCommand,
} from '../../../lib/esxi/run-command.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { askServices, readServices } from '../../support/esxi/asked-services.ts';

export const USER = 'vsweep';
export const PASSWORD = 'the right one';
export const ADDRESS = '127.0.61.1';
export const SERVICES = ['hostd', 'vpxa', 'nsx-opsagent', 'nsxa'];
export const NONCE = 'abcdefgh12345678';
const asked = askServices(SERVICES);

export const credentialWith = (proof: Proof): Credential => ({
  id: 'env:ESXI',
  version: 'v1',
  username: USER,
  proof,
});
export const rightPassword = credentialWith({ kind: 'password', password: PASSWORD });

/** One host whose hostd runs, whose vpxa is stopped and which has no nsxa. */
export function startHost(
  behaviour: DemoSshBehaviour,
  options: { publicKey?: string; hungMs?: number; commandDelayMs?: number } = {},
): Promise<DemoEsxi> {
  const { commandDelayMs = 0, ...others } = options;
  const services = { hostd: 'running', vpxa: 'stopped', 'nsx-opsagent': 'running' } as const;
  return startDemoEsxi({
    user: USER,
    password: PASSWORD,
    hosts: [{ address: ADDRESS, behaviour, services, commandDelayMs }],
    ...others,
  });
}

/** Asks the one host for its services; limits are short, for peers on loopback that answer at once or never. */
export function ask(
  demo: { port: number },
  request: Partial<RunCommandRequest> = {},
  deps: Partial<RunCommandDeps> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<CommandResult> {
  return runCommand(
    {
      target: { host: ADDRESS, port: demo.port },
      credential: rightPassword,
      command: asked.script(NONCE),
      timeouts: { connectMs: 2000, loginMs: 2000, commandMs: 2000 },
      maxOutputBytes: asked.maxOutputBytes,
      ...request,
    },
    { clock: systemClock, verifyHostKey: async () => true, ...deps },
    { signal },
  );
}

export const statesOf = ({ stdout }: CommandResult): string =>
  readServices(stdout, SERVICES, NONCE)
    .map(({ service, state }) => `${service}=${state}`)
    .join(' ');

/** The SshError that a run must end with. */
export async function failureOf(run: Promise<CommandResult>): Promise<SshError> {
  const error = await run.then(
    (result) => new Error(`it succeeded: ${result.stdout.slice(0, 100)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof SshError) return error;
  throw error;
}
