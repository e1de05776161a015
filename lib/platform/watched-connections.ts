import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent } from 'node:https';

/**
 * NAT gateways, interface endpoints and network load balancers of AWS forget a connection on which nothing was said for
 * 350 s, and then drop what comes (https://aws.amazon.com/blogs/networking-and-content-delivery/implementing-long-running-tcp-connections-within-vpc-networking/).
 * Firewalls on the way may be quicker.
 */
export const PROBE_AFTER_MS = 60_000;

const withProbes = (options: ClientRequestArgs) => ({
  ...options,
  keepAlive: true,
  keepAliveInitialDelay: PROBE_AFTER_MS,
});

class WatchedHttpAgent extends HttpAgent {
  override createConnection(...[options, done]: Parameters<HttpAgent['createConnection']>) {
    return super.createConnection(withProbes(options), done);
  }
}

class WatchedHttpsAgent extends Agent {
  override createConnection(...[options, done]: Parameters<Agent['createConnection']>) {
    return super.createConnection(withProbes(options), done);
  }
}

/**
 * Connections for calls whose answer takes minutes. TCP itself asks for a sign of life when nothing was said for a
 * minute: nothing on the way forgets the connection, and of a peer that is gone the call fails within about ten seconds
 * more. A connection serves one call: `keepAlive` of an agent is HTTP's, and keeps connections for the next one.
 */
export function watchedConnections({ maxSockets }: { readonly maxSockets: number }): {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: Agent;
} {
  const options = { keepAlive: false, maxSockets };
  return { httpAgent: new WatchedHttpAgent(options), httpsAgent: new WatchedHttpsAgent(options) };
}
