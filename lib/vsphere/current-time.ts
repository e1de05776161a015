import { VsphereReplyError } from './errors.ts';
import type { RetrievalSession } from './property/retrieval.ts';
import { callForRequiredValue } from './soap/soap-reply.ts';
import { methodCall } from './soap/soap-request.ts';

/** CurrentTime of vCenter's own clock, which need not agree with any other: milliseconds since the epoch. */
export async function readCurrentTime(
  { transport }: Pick<RetrievalSession, 'transport'>,
  { signal }: { signal: AbortSignal },
): Promise<number> {
  const call = methodCall('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' });
  const { text } = await callForRequiredValue(transport, call, { signal });
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new VsphereReplyError('CurrentTime was answered with no time', { code: 'malformed' });
  return time;
}
