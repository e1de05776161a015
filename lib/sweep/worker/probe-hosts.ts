import pLimit, { type LimitFunction } from 'p-limit';
import { lookUpKeys } from '../../config/known-hosts/look-up-keys.ts';
import type { Config } from '../../config/schema.ts';
import type { Credential, CredentialReader } from '../../credentials/credential.ts';
import { readPrivateKey } from '../../esxi/authentication.ts';
import { prepareProbes } from '../../esxi/session/prepare-probes.ts';
import type { Probe } from '../../esxi/session/probe.ts';
import { createSingleTurns, type DomainTurns, type JoinKnownTurns } from '../../logins/trial/domain-turns.ts';
import type { LoginGate } from '../../logins/trial/keep-record.ts';
import type { Deadline } from '../../platform/deadline.ts';
import { DeadlineError, messageOf } from '../../platform/errors.ts';
import type { BatchHost, BatchRequest } from '../batch.ts';
import { failed } from '../outcome.ts';
import { explained } from '../plan/why-left-alone.ts';
import type { LoginTurns } from './login-turns.ts';
import { notAsked, type ProbeDeps, type Probed, probeHost, TOO_LATE } from './probe-host.ts';
import { type DialRecords, probeWithCare } from './probe-with-care.ts';
import { fitTimeouts } from './ssh-timeouts.ts';

export interface ProbeHostsDeps extends ProbeDeps {
  readonly records: ProbeDeps['records'] & DialRecords;
  /** Lets one host at a time through that is dialled with care, or logged in to in turn, over all batches of this process. */
  readonly oneByOne: LimitFunction;
  /** With the one account of a domain, over all batches of a run in this process. */
  readonly joinKnownTurns: JoinKnownTurns;
  readonly config: Config;
  readonly credentials: CredentialReader;
  /** Over all batches of this process. */
  readonly turns: LoginTurns;
}

/** Asks all hosts of the batch at once, as far as `esxi.concurrency` goes; one at a time with care. Never rejects. */
export async function probeHosts(
  request: BatchRequest,
  probes: readonly Probe[],
  deps: ProbeHostsDeps,
  deadline: Pick<Deadline, 'signal' | 'remainingMs'>,
): Promise<Map<string, Probed>> {
  const { signal, remainingMs } = deadline;
  const { esxi } = deps.config;
  const probed = new Map<string, Probed>();
  const asked = request.hosts.filter((host) => {
    if (host.ssh === 'try') return true;
    probed.set(host.moref, notAsked(explained(host.ssh)));
    return false;
  });
  if (asked.length === 0) return probed;
  const credential = await readFixedCredential(request, deps, signal);
  if (typeof credential === 'string' || esxi === undefined) {
    const detail = typeof credential === 'string' ? credential : 'the configuration has no section "esxi"';
    for (const { moref } of asked) probed.set(moref, { outcome: failed('worker'), detail });
    return probed;
  }
  await lookUpKeys(asked, deps, { signal });
  const gate: LoginGate = { open: true };
  const { care, endsAt } = request;
  const timeouts = fitTimeouts(esxi.timeouts, remainingMs());
  const { loginMs } = timeouts;
  const startMs = timeouts.connectMs + loginMs;
  const prepared = prepareProbes(probes, esxi, { sessionMs: timeouts.commandMs });
  const limit = care === undefined ? pLimit(esxi.concurrency) : deps.oneByOne;
  const takeTurn = async (options: { signal: AbortSignal }): Promise<() => void> => {
    const giveBack = await deps.turns.take(options).catch(() => undefined);
    if (giveBack !== undefined && remainingMs() > loginMs) return giveBack;
    giveBack?.();
    throw new DeadlineError('the wait for a login’s turn');
  };
  const inTime = (turns: DomainTurns): DomainTurns => ({
    ...turns,
    take: async (options) => {
      const turn = await turns.take(options).catch(() => undefined);
      if (turn !== undefined && remainingMs() > loginMs) return turn;
      turn?.end();
      throw new DeadlineError('the wait for a turn with the one account');
    },
  });
  const joined = deps.joinKnownTurns(request);
  const known = inTime(joined.turns);
  const others = inTime(createSingleTurns(deps.oneByOne));
  const { scope } = esxi.credentials;
  const probeOne = async (host: BatchHost): Promise<Probed> => {
    const domain = host.proven ? known : others;
    const stop = scope === 'domain' ? domain.stop() : undefined;
    if (stop !== undefined) return notAsked(stop);
    if (signal.aborted || remainingMs() <= startMs) return { outcome: failed('deadline'), detail: TOO_LATE };
    const run = {
      runId: request.runId,
      target: request.target,
      batch: request.batch,
      credential,
      scope,
      esxi,
      probes: prepared,
      timeouts,
      gate,
      takeTurn,
      ...(scope === 'domain' ? { domain } : {}),
    };
    const probe = () => probeHost(host, run, deps, deadline);
    if (care === undefined) return probe();
    return probeWithCare(host, { care, username: credential.username, gate, endsAt }, deps, probe);
  };
  try {
    await Promise.all(asked.map((host) => limit(async () => probed.set(host.moref, await probeOne(host)))));
  } finally {
    joined.leave();
  }
  return probed;
}

/** The version that the run is fixed on, or why it cannot be had or used. */
async function readFixedCredential(
  { credential: fixed }: BatchRequest,
  { config, credentials }: ProbeHostsDeps,
  signal: AbortSignal,
): Promise<Credential | string> {
  if (fixed === undefined || config.esxi === undefined)
    return 'the batch request names no credential for ssh';
  try {
    const configured = config.esxi.credentials;
    const credential = await credentials.read(configured, { signal, version: fixed.version });
    const same =
      credential.version === fixed.version &&
      credential.username === fixed.username &&
      // Else refusals would be recorded on another account than the sweep reads.
      configured.scope === fixed.scope;
    if (!same) return 'the credential for ssh changed during the run; the next run uses the new one';
    readPrivateKey(credential); // one that cannot be used says nothing about a host
    return credential;
  } catch (error) {
    return messageOf(error);
  }
}
