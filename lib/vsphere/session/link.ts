import { randomInt } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import { startGrace } from '../../platform/grace.ts';
import type { Log } from '../../platform/log.ts';
import { VsphereFaultError } from '../errors.ts';
import type { ServiceContent } from '../service-content.ts';
import { callForValue } from '../soap/soap-reply.ts';
import { methodCall } from '../soap/soap-request.ts';
import type { SoapCall, Transport } from '../soap/transport.ts';
import { createHttpTransport, type VsphereEndpoint } from '../transport/http-transport.ts';
import { type Measurements, withMeasuring } from '../transport/with-measuring.ts';
import { withRetry } from '../transport/with-retry.ts';
import { withEnd } from './session-end.ts';

export interface VsphereSessionDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1, for the pauses between repeated reads. */
  readonly random?: () => number;
  /** `vsweep/<version>`: by it an administrator recognises the session in vCenter. Default `vsweep`. */
  readonly userAgent?: string;
  readonly observe?: LinkObserver | undefined;
}

/** Is told of each link and each call, by the name of the endpoint. */
export interface LinkObserver {
  opened(target: string): void;
  called(target: string): void;
  closed(target: string): void;
}

/** The decorated transport to one endpoint, before anybody is logged in. */
export interface Link {
  readonly endpoint: VsphereEndpoint;
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: Transport;
  readonly measurements: () => Measurements;
  /** The peer has named a session, so there may be one to end. */
  readonly mayBeInSession: () => boolean;
  readonly certificateEndsAt: () => number | undefined;
  readonly close: () => void;
}

/** `endsAt` is when the session will be over at the latest; see withEnd. */
export function openLink(
  endpoint: VsphereEndpoint,
  deps: VsphereSessionDeps,
  endsAt: number | undefined,
): Link {
  const { clock, log, random = () => randomInt(1_000) / 1_000, userAgent = 'vsweep' } = deps;
  const http = createHttpTransport({ endpoint, userAgent: withEnd(userAgent, endsAt) });
  const { name } = endpoint;
  const counted: Transport = (call, options) => {
    deps.observe?.called(name);
    return http(call, options);
  };
  const { transport, measurements } = withMeasuring(counted, { clock });
  const close = once(() => {
    http[Symbol.dispose]();
    deps.observe?.closed(name);
  });
  deps.observe?.opened(name);
  return {
    endpoint,
    clock,
    log,
    transport: withRetry(transport, { clock, log, random }),
    measurements,
    mayBeInSession: () => http.hasCookie(),
    certificateEndsAt: http.certificateEndsAt,
    close,
  };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}

/**
 * How long the answer to a login or a clone is waited for after the signal aborted: it names the session that was
 * opened, and without it nobody can end that. What came in time counts as if nothing had aborted.
 */
export const LINGER_MS = 1_000;

/** The logout of a session whose opening failed half-way. */
const ABANDON_MS = 1_000;

/**
 * Makes the call that opens the session. When its answer came in part only, the session that it may have named is
 * logged out of.
 */
export async function openSession(
  link: Link,
  { sessionManager }: Pick<ServiceContent, 'sessionManager'>,
  call: SoapCall,
  { signal, onSent }: { signal: AbortSignal; onSent?: () => void },
): Promise<void> {
  const { clock, log, endpoint, transport } = link;
  let sent = false;
  using grace = startGrace({ clock, ms: LINGER_MS, isUnderWay: () => sent, signal });
  const noteSent = () => {
    sent = true;
    onSent?.();
  };
  try {
    await callForValue(transport, call, { signal: grace.signal, onSent: noteSent });
  } catch (error) {
    if (sent && link.mayBeInSession() && !(error instanceof VsphereFaultError)) {
      const limit = { clock, ms: ABANDON_MS, what: 'logout', signal: new AbortController().signal };
      const logout = methodCall('Logout', sessionManager);
      await withTimeLimit(limit, (limited) => callForValue(transport, logout, { signal: limited })).catch(
        (failure: unknown) => {
          log.debug('nothing to log out of after a login that failed', {
            target: endpoint.name,
            error: messageOf(failure),
          });
        },
      );
    }
    throw error;
  }
}
