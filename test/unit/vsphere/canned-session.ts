import type { RetrievalSession } from '../../../lib/vsphere/property/retrieval.ts';
import type { SoapCall } from '../../../lib/vsphere/soap/transport.ts';
import { retrievalAnswer } from './soap-messages.ts';

/** A session whose transport answers each call with these bytes. */
export function cannedSession(
  answer: (call: SoapCall) => Iterable<Uint8Array>,
  content: Partial<RetrievalSession['content']> = {},
): RetrievalSession {
  const reference = { type: 'T', value: 't' };
  return {
    content: {
      propertyCollector: reference,
      perfManager: reference,
      ...content,
    } as unknown as RetrievalSession['content'],
    tidyUp: async () => undefined,
    transport: async (call) => ({
      origin: 'Test on vc',
      secrets: [],
      body: (async function* () {
        yield* answer(call);
      })(),
      [Symbol.asyncDispose]: async () => undefined,
    }),
  };
}

/** What stands before and behind the objects of an answer. */
export const AROUND_OBJECTS = retrievalAnswer('|').split('|') as [string, string];
