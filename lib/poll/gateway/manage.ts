import { parseMessage } from '../parse-message.ts';
import type { JsonValue } from '../reply.ts';

/** What `vpoller-proxy` and `vpoller-worker` are asked at their management endpoints. */
export type ManagedRole = 'proxy' | 'worker';

export interface ManageDeps {
  readonly role: ManagedRole;
  /** The `result` of a status, after `status`: addresses, and what a worker has. */
  readonly status: { readonly [key: string]: JsonValue };
  /** Ends the gateway; absent when nobody may do that from here. */
  readonly shutDown?: () => void;
}

const NAMES = { proxy: 'vPoller Proxy', worker: 'vPoller Worker' } as const;
/** The proxy's own spelling. */
const UNKNOWN = { proxy: 'Uknown method name received', worker: 'Unknown method name received' } as const;

/** The reply to a message at a management endpoint. */
export function answerManagement(body: Uint8Array, { role, status, shutDown }: ManageDeps): JsonValue {
  const message = parseMessage(body);
  if (typeof message !== 'object' || message === null) return fault('Invalid message received');
  if (!('method' in message)) return fault('Missing method name');
  switch (message.method) {
    case 'status':
      return { success: 0, msg: `${NAMES[role]} status`, result: { status: 'running', ...status } };
    case 'shutdown':
      if (shutDown === undefined) {
        return fault('Shutdown is not allowed here; stop the process, or start it with --allow-shutdown');
      }
      shutDown();
      return { success: 0, msg: 'Shutdown time has arrived' };
    default:
      return fault(UNKNOWN[role]);
  }
}

const fault = (msg: string): JsonValue => ({ success: 1, msg });
