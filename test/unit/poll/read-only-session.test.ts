import { describe, expect, it } from 'vitest';
import { toReadOnly } from '../../../lib/poll/read-only-session.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { methodCall } from '../../../lib/vsphere/soap/soap-request.ts';

describe('toReadOnly', () => {
  it('lets no call through that could change anything', async () => {
    const made: string[] = [];
    const session = toReadOnly({
      transport: async ({ operation }: { operation: string }) => {
        made.push(operation);
      },
      tidyUp: async ({ operation }: { operation: string }) => void made.push(operation),
    } as unknown as VsphereSession);
    const call = (operation: string) => methodCall(operation, { type: 'HostSystem', value: 'host-1' });
    for (const operation of ['EnterMaintenanceMode_Task', 'Destroy_Task', 'AcquireCloneTicket', 'Logout']) {
      await expect(session.transport(call(operation), new AbortController())).rejects.toThrow(operation);
      await expect(session.tidyUp(call(operation))).rejects.toThrow(operation);
    }
    await session.transport(call('RetrievePropertiesEx'), new AbortController());
    await session.tidyUp(call('DestroyView'));
    expect(made).toEqual(['RetrievePropertiesEx', 'DestroyView']);
  });
});
