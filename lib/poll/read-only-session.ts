import type { RetrievalSession } from '../vsphere/property/retrieval.ts';
import type { VsphereSession } from '../vsphere/session/session.ts';
import type { SoapCall } from '../vsphere/soap/transport.ts';

/** Everything that a poll calls: it reads, and what it makes (views, pages) lives in its own session. */
const ALLOWED: ReadonlySet<string> = new Set([
  'CreateContainerView',
  'DestroyView',
  'RetrievePropertiesEx',
  'ContinueRetrievePropertiesEx',
  'CancelRetrievePropertiesEx',
  'CurrentTime',
  'QueryPerfProviderSummary',
  'QueryAvailablePerfMetric',
  'QueryPerf',
  'QueryOptions',
  'QueryHostStatus',
  'ListProcessesInGuest',
  'CurrentTime',
  'QueryDateTime',
  'HasPrivilegeOnEntities',
]);

export type ReadOnlySession = RetrievalSession & Pick<VsphereSession, 'about'>;

/** A session in which no method can change anything, whatever a request makes it do. */
export function toReadOnly({ about, content, transport, tidyUp }: VsphereSession): ReadOnlySession {
  return {
    about,
    content,
    transport: async (call, options) => transport(allowed(call), options),
    tidyUp: async (call, limit) => tidyUp(allowed(call), limit),
  };
}

function allowed(call: SoapCall): SoapCall {
  if (ALLOWED.has(call.operation)) return call;
  throw new TypeError(`a poll never calls ${call.operation}; see read-only-session.ts`);
}
