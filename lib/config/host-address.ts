import { isIPv4, isIPv6 } from 'node:net';
import * as z from 'zod';

const ADDRESS = /^(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|[A-Za-z0-9._-]+)(?::(?<port>\d{1,5}))?$/;
const ADDRESS_FORM =
  'write "<address>" or "<address>:<port>" with a port of 1 to 65535, and an IPv6 address in brackets: "[fe80::1]:22"';

/** Where a host is reached by ssh. What it takes is also the host of a URL, as which others read it. */
export const hostAddress = z
  .string(ADDRESS_FORM)
  .regex(ADDRESS, { error: ({ input }) => whatToWrite(String(input)) })
  .refine(hasParts, { error: ({ input }) => whatToWrite(String(input)) });

function hasParts(written: string): boolean {
  const { ipv6, port } = ADDRESS.exec(written)?.groups ?? {};
  return (ipv6 === undefined || isIPv6(ipv6)) && (port === undefined || isPort(Number(port)));
}

const isPort = (port: number) => port >= 1 && port <= 65_535;

function whatToWrite(written: string): string {
  const [, inBrackets = ''] = /^\[([^\]]*)\]/.exec(written) ?? [];
  if (isIPv4(inBrackets))
    return `write an IPv4 address without brackets: "${inBrackets}" or "${inBrackets}:<port>"`;
  return inBrackets.includes('%')
    ? `write an IPv6 address without a zone ("%" and what follows it); ${ADDRESS_FORM}`
    : ADDRESS_FORM;
}
