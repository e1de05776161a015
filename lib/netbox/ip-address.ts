import { isIP } from 'node:net';

/**
 * One spelling of an IP address, without mask and zone: IPv6 in its shortest form, an IPv4 address that is mapped
 * into IPv6 as IPv4. Undefined for whatever is no address.
 */
export function normalIp(text: string): string | undefined {
  const [bare = ''] = text.trim().split(/[/%]/, 1);
  switch (isIP(bare)) {
    case 4:
      return bare;
    case 6:
      return shortest(bare);
    default:
      return undefined;
  }
}

/** The URL parser writes an IPv6 address as RFC 5952 wants it. */
function shortest(address: string): string {
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written) ?? [];
  if (high === undefined || low === undefined) return written;
  const [one, other] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [one >> 8, one & 0xff, other >> 8, other & 0xff].join('.');
}
