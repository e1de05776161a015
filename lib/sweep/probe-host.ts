import type { EsxiConfig } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import { SshError } from '../esxi/errors.ts';
import type { HostKey } from '../esxi/host-key.ts';
import type { CommandResult, RunCommandDeps, RunCommandRequest, SshTimeouts } from '../esxi/run-command.ts';
import { buildServiceProbe, parseServiceProbe, SERVICE_PROBE_MAX_BYTES } from '../esxi/service-probe.ts';
import type { ServiceReading } from '../esxi/service-reading.ts';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { BatchHost } from './batch.ts';
import { failed, type Outcome, ok, skipped } from './outcome.ts';

/** What a login leaves in the state table. A rejection means that nothing more may be tried by this worker. */
export interface LoginRecords {
  recordRefusal(
    user: string,
    address: string,
    login: { version: string },
    options: { signal: AbortSignal },
  ): Promise<unknown>;
  recordSuccess(
    user: string,
    address: string,
    login: { version: string },
    options: { signal: AbortSignal },
  ): Promise<unknown>;
  /** Pins the first key seen; answers the key that was there before. */
  pin(
    target: string,
    endpoint: string,
    key: HostKey,
    options: { signal: AbortSignal },
  ): Promise<'pinned' | HostKey>;
}

export interface ProbeDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly randomId: () => string;
  readonly records: LoginRecords;
  runCommand(
    request: RunCommandRequest,
    deps: Pick<RunCommandDeps, 'verifyHostKey'>,
    options: { signal: AbortSignal },
  ): Promise<CommandResult>;
}

/** What became of one host by ssh; `services` only when it answered. */
export interface Probed {
  readonly outcome: Outcome;
  readonly services?: readonly ServiceReading[];
  /** For the operator, when the outcome is not ok. */
  readonly detail?: string;
}

/** The state table could not be written: the worker starts no further login. */
export interface LoginGate {
  open: boolean;
}

/** A whole batch may be refused in one second; the embedded table takes some 700 writes in that time. */
const RECORD_MS = 5_000;

/**
 * Asks one host for its services: one connection, one login attempt, one command. Never rejects. A refusal is
 * written before the outcome is known to anybody else, also when the worker's time is over.
 */
export async function probeHost(
  host: BatchHost,
  run: {
    target: string;
    credential: Credential;
    esxi: Pick<EsxiConfig, 'services'>;
    timeouts: SshTimeouts;
    gate: LoginGate;
  },
  deps: ProbeDeps,
  { signal }: { signal: AbortSignal },
): Promise<Probed> {
  const { credential, esxi, timeouts, gate } = run;
  if (!gate.open) return { outcome: skipped('state'), detail: GATE_SHUT };
  const { address, port } = host;
  const nonce = deps.randomId();
  try {
    const result = await deps.runCommand(
      {
        target: { host: address, port },
        credential,
        command: buildServiceProbe(esxi.services, nonce),
        timeouts,
        maxOutputBytes: SERVICE_PROBE_MAX_BYTES,
        ...(host.hostKey === undefined ? {} : { pinnedKeyType: host.hostKey.type }),
      },
      { verifyHostKey: (key, options) => isPinned(key, host, run.target, deps, options) },
      { signal },
    );
    const services = parseServiceProbe(result.stdout, esxi.services, nonce);
    if (!host.proven) await record('recordSuccess', host, run, deps);
    return { outcome: ok, services };
  } catch (error) {
    if (error instanceof SshError && error.credentialSent) await record('recordRefusal', host, run, deps);
    if (isAfterLogin(error) && !host.proven) await record('recordSuccess', host, run, deps);
    if (error instanceof SshError && error.code === 'state') gate.open = false;
    return { outcome: outcomeOf(error, signal), detail: messageOf(error) };
  }
}

const GATE_SHUT = "no login was tried, because the state table could not be written; see the run's warnings";

/** The login succeeded and what came after it did not. */
const isAfterLogin = (error: unknown) =>
  error instanceof SshError && (error.code === 'exec-timeout' || error.code === 'output');

function outcomeOf(error: unknown, signal: AbortSignal): Outcome {
  if (!(error instanceof SshError)) return failed('worker');
  if (error.code === 'state') return skipped('state');
  return failed(signal.aborted && error.code === 'timeout' ? 'deadline' : error.code);
}

async function isPinned(
  key: HostKey,
  host: BatchHost,
  target: string,
  deps: ProbeDeps,
  options: { signal: AbortSignal },
): Promise<boolean> {
  const there =
    host.hostKey ?? (await deps.records.pin(target, `${host.address}:${host.port}`, key, options));
  return there === 'pinned' || (there.type === key.type && there.blob === key.blob);
}

/** Under its own time limit: the account's history must be right even when the worker's time is over. */
async function record(
  what: 'recordRefusal' | 'recordSuccess',
  host: BatchHost,
  run: { credential: Credential; gate: LoginGate },
  deps: ProbeDeps,
): Promise<void> {
  const { username, version } = run.credential;
  try {
    await withTimeLimit(
      {
        clock: deps.clock,
        ms: RECORD_MS,
        what: `${what} of ${host.name}`,
        signal: new AbortController().signal,
      },
      (signal) => deps.records[what](username, host.address, { version }, { signal }),
    );
  } catch (error) {
    run.gate.open = false;
    deps.log.error('a login could not be recorded; no further login is started', {
      host: host.name,
      what,
      error: messageOf(error),
    });
  }
}
