import { InvalidArgumentError } from 'commander';
import type { ListenAddress } from '../sinks/exporter/listen.ts';
import { parseOutcome } from '../sweep/outcome.ts';
import type { ManagedEndpoint } from './gateway.ts';

/** A host or address, or `*` for all; a port, or `*` for any that is free. */
const ENDPOINT = /^tcp:\/\/(?:\*|[\w.-]+|\[[\da-f:.]+\]):(?:\*|\d{1,5})$/i;

/** An endpoint as ZeroMQ writes it. */
export function parseEndpoint(text: string): string {
  if (ENDPOINT.test(text)) return text;
  throw new InvalidArgumentError('write an endpoint such as tcp://127.0.0.1:10123');
}

/** `tcp://…` or `proxy=tcp://…` is asked for the status of a proxy, `worker=tcp://…` for that of a worker. */
export function addManaged(text: string, before: readonly ManagedEndpoint[]): readonly ManagedEndpoint[] {
  const [, role = 'proxy', endpoint = ''] = /^(?:(proxy|worker)=)?(.*)$/s.exec(text) ?? [];
  return [...before, { role: role === 'worker' ? 'worker' : 'proxy', endpoint: parseEndpoint(endpoint) }];
}

/** `<address>:<port>`; an IPv6 address is in brackets. */
const LISTEN = /^(?:\[([\da-f:]+)\]|([a-z\d.-]+)):(\d{1,5})$/i;
const MAX_PORT = 65_535;

export function parseListen(text: string): ListenAddress {
  const [, ipv6, host = ipv6, port] = LISTEN.exec(text) ?? [];
  if (host !== undefined && Number(port) <= MAX_PORT) return { host, port: Number(port) };
  throw new InvalidArgumentError('write an address and a port, such as 127.0.0.1:9667');
}

const MAX_TIMEOUT_MS = 600_000;

/** Milliseconds. */
export function parseTimeout(text: string): number {
  const ms = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (ms >= 1 && ms <= MAX_TIMEOUT_MS) return ms;
  throw new InvalidArgumentError(`write milliseconds, 1 to ${MAX_TIMEOUT_MS}`);
}

/** Names with commas between them. */
export const parseNames = (text: string): readonly string[] =>
  text.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));

const PRESETS = ['vmware_exporter', 'otel'] as const;

/** Names of presets, separated by commas. */
export function parsePresets(text: string): readonly (typeof PRESETS)[number][] {
  const names = parseNames(text);
  const known = names.flatMap((name) => PRESETS.find((one) => one === name) ?? []);
  if (names.length > 0 && known.length === names.length) return known;
  throw new InvalidArgumentError(`write one or both of ${PRESETS.join(', ')}, separated by a comma`);
}

/** No character that vSphere escapes (%, / and \), that is a wildcard of PowerCLI, or an option of govc. */
const ROLE_NAME = /^[A-Za-z0-9][\w .()-]{0,79}$/;

/** The name of a role to be made. */
export function parseRoleName(text: string): string {
  if (ROLE_NAME.test(text)) return text;
  throw new InvalidArgumentError(
    'write letters, digits, spaces and any of ._()- (at most 80), such as vsweep',
  );
}

const PRINCIPAL = /^[A-Za-z0-9][\w.-]{0,252}\\[^\p{C}\\*?[\]]{1,256}$/u;

/** An account as permissions name it, `DOMAIN\user`, without PowerCLI's wildcards. */
export function parsePrincipal(text: string): string {
  if (PRINCIPAL.test(text)) return text;
  throw new InvalidArgumentError("write the domain and the user, such as 'VSPHERE.LOCAL\\vsweep'");
}

/** `ok`, `failed`, `skipped`, or one outcome as it is printed, such as `failed(auth)`. */
export function addOutcome(text: string, before: readonly string[]): readonly string[] {
  if (KINDS.includes(text) || parseOutcome(text) !== undefined) return [...before, text];
  throw new InvalidArgumentError('write ok, failed, skipped, or one such as failed(auth)');
}

const KINDS: readonly string[] = ['failed', 'skipped'];

/** A base url of http or https, without a password: a command line is seen by other users of the machine. */
export function parseBaseUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return text;
  throw new InvalidArgumentError(
    'write an http or https URL without user and password, such as http://127.0.0.1:9090',
  );
}
