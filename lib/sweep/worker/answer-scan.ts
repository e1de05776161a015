import type { Clock } from '../../platform/clock.ts';
import { startDeadline } from '../../platform/deadline.ts';
import type { Timeline } from '../../platform/timeline.ts';
import type { PresentKeys } from '../scan/present-keys.ts';
import { encodeScanResult, type ScanRequest } from '../scan/scan-contract.ts';

/** Asks the hosts of a request for their keys; no account is named to anybody. */
export async function answerScan(
  { hosts, endsAt }: ScanRequest,
  { clock, timeline, presentKeys }: { clock: Clock; timeline: Timeline; presentKeys: PresentKeys },
  { signal }: { signal: AbortSignal },
): Promise<Uint8Array> {
  using deadline = startDeadline({
    clock,
    ms: timeline.msUntil(endsAt),
    what: 'asking hosts for their keys',
    signal,
  });
  return encodeScanResult(await presentKeys(hosts, deadline));
}
