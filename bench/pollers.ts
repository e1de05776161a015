import { startGatewayProcess } from '../test/support/peers/gateway.ts';
import { missingFor } from '../test/support/peers/peer-requirements.ts';
import type { Vcsim } from '../test/support/peers/vcsim.ts';
import { agentOf, startVpoller, type VpollerOptions } from '../test/support/peers/vpoller.ts';
import type { Missing } from './clients.ts';

/** Someone who answers vPoller's clients about one simulated vCenter. */
export interface Poller extends AsyncDisposable {
  readonly name: string;
  readonly endpoint: string;
  /** What it calls the vCenter. */
  readonly hostname: string;
  /** Of its processes, which have others below them. */
  readonly pids: readonly number[];
  /** Its sessions in the vCenter. */
  sessions(): Promise<number>;
}

const USER_AGENT = 'vsweep';

export async function startOurs(vcsim: Vcsim): Promise<Poller> {
  const gateway = await startGatewayProcess(vcsim);
  return {
    name: 'vsweep gateway',
    endpoint: gateway.endpoint,
    hostname: 'vc01',
    pids: [gateway.process.pid],
    sessions: () => vcsim.openSessions(USER_AGENT),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

/** vPoller itself. Its sessions are all that are not ours. */
export async function startTheirs(
  vcsim: Vcsim,
  { name, ...options }: VpollerOptions & { name: string },
): Promise<Poller | (Missing & AsyncDisposable)> {
  const missing = missingFor('vpoller');
  if (missing.length > 0) {
    return { name, missing: missing.join('; '), [Symbol.asyncDispose]: async () => undefined };
  }
  const vpoller = await startVpoller(vcsim, options);
  return {
    name,
    endpoint: vpoller.endpoint,
    hostname: agentOf(vcsim),
    pids: vpoller.processes.map(({ pid }) => pid),
    sessions: async () => (await vcsim.openSessions()) - (await vcsim.openSessions(USER_AGENT)),
    [Symbol.asyncDispose]: () => vpoller[Symbol.asyncDispose](),
  };
}
