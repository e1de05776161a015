import { type LoadedConfig, toTargetTrust } from '../config/loaded-config.ts';
import type { CredentialReader } from '../credentials/credential.ts';
import type { AccountRecords, LoginQueue } from '../logins/trial/guarded-login.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { LinkObserver } from '../vsphere/session/link.ts';
import { login } from '../vsphere/session/session.ts';
import type { AnswerPollDeps } from './answer-poll.ts';
import type { AskHost } from './ask-host.ts';
import { PollError } from './errors.ts';
import { polledMetrics } from './polled-metrics.ts';

/** What differs between one machine and AWS. */
export interface PollSurroundings {
  readonly loaded: LoadedConfig;
  readonly credentials: CredentialReader;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1. */
  readonly random: () => number;
  readonly randomId: () => string;
  readonly userAgent: string;
  /** Counts the links to vCenters. */
  readonly observe?: LinkObserver | undefined;
}

/**
 * What a poll needs: `openPolls(deps, …)`. A process has one login queue for its sweeps and polls, and one
 * memory of accounts for the time in which the table is away.
 */
export function wirePoll(
  surroundings: PollSurroundings,
  {
    logins,
    accounts,
    askHost,
  }: { logins: LoginQueue; accounts: AccountRecords; askHost?: AskHost | undefined },
): AnswerPollDeps {
  const { loaded, credentials, clock, log } = surroundings;
  return {
    targets: loaded.config.targets,
    config: loaded.config,
    metrics: polledMetrics(loaded.config),
    askHost,
    accounts,
    credentials,
    clock,
    log,
    logins,
    randomId: surroundings.randomId,
    blacklistMinutes: loaded.config.blacklist.minutes,
    async login({ name, url, tls }, { id, username, proof }, options) {
      if (proof.kind !== 'password') {
        throw new PollError(`${id}: ${name} needs a password; add one to the credential`, {
          code: 'login',
        });
      }
      const endpoint = { name, url, tls: toTargetTrust({ tls }, loaded) };
      return login(endpoint, { username, password: proof.password }, surroundings, options);
    },
  };
}
