import type { networkInterfaces } from 'node:os';

const ENDPOINT = /^tcp:\/\/(?:\[(?<ipv6>.+)\]|(?<host>.+)):(?<port>\*|\d+)$/;

/** Where to listen, of an endpoint as ZeroMQ writes it: `*` is every IPv4 address, or any free port; a name may be that of an interface. */
export function endpointAddress(
  endpoint: string,
  interfaces: ReturnType<typeof networkInterfaces>,
): { host: string; port: number } {
  const { ipv6, host = ipv6 ?? '', port } = ENDPOINT.exec(endpoint)?.groups ?? {};
  const [own] = interfaces[host] ?? [];
  return { host: host === '*' ? '0.0.0.0' : (own?.address ?? host), port: port === '*' ? 0 : Number(port) };
}
