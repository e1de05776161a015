import type { EsxiConfig } from '../../config/schema.ts';
import type { ListedHost } from '../../inventory/host.ts';
import { type HostAddress, normalAddress } from '../../state/address-map.ts';

/**
 * The address of a host: its override; else that of its API, when it is a target itself; else, as `esxi.address` says,
 * its management IP or its name, to which `esxi.domain` is added when it has no dot. A host whose management IP is not
 * known is dialled by its name.
 */
export function addressOf(
  host: Pick<ListedHost, 'name' | 'ownAddress'> & Partial<Pick<ListedHost, 'managementAddress'>>,
  esxi: Pick<EsxiConfig, 'address' | 'domain' | 'port' | 'overrides'>,
): HostAddress {
  const override = Object.hasOwn(esxi.overrides, host.name) ? esxi.overrides[host.name] : undefined;
  if (override !== undefined) return splitPort(override, esxi.port);
  if (host.ownAddress !== undefined) return { address: host.ownAddress, port: esxi.port };
  if (esxi.address === 'management-ip' && host.managementAddress !== undefined) {
    return { address: host.managementAddress, port: esxi.port };
  }
  const isShort = !host.name.includes('.') && !host.name.includes(':');
  const address = isShort && esxi.domain !== undefined ? `${host.name}.${esxi.domain}` : host.name;
  return { address, port: esxi.port };
}

/** As `addressOf`, in the one spelling under which accounts and keys stand. */
export function normalDial(...of: Parameters<typeof addressOf>): HostAddress {
  const { address, port } = addressOf(...of);
  return { address: normalAddress(address), port };
}

/** `[fe80::1]:22`, `10.0.0.7:22` or either without its port. */
function splitPort(text: string, defaultPort: number): HostAddress {
  const { ipv6, host, port } =
    /^(?:\[(?<ipv6>.+)\]|(?<host>[^:]+))(?::(?<port>\d+))?$/.exec(text)?.groups ?? {};
  return { address: ipv6 ?? host ?? text, port: port === undefined ? defaultPort : Number(port) };
}
