/** A map by address that finds `ESX01.example.org.` under `esx01.example.org`. */
export type AddressMap<T> = Map<string, T>;

/** One spelling for one address: two would be two budgets of refusals on one host. */
export function normalAddress(address: string): string {
  return address.toLowerCase().replace(/\.$/, '');
}

export function createAddressMap<T>(entries: Iterable<readonly [string, T]>): AddressMap<T> {
  return new MapByAddress(entries);
}

class MapByAddress<T> extends Map<string, T> {
  override get(address: string): T | undefined {
    return super.get(normalAddress(address));
  }

  override has(address: string): boolean {
    return super.has(normalAddress(address));
  }

  override set(address: string, value: T): this {
    return super.set(normalAddress(address), value);
  }

  override delete(address: string): boolean {
    return super.delete(normalAddress(address));
  }
}

/** Where a host is dialled. */
export interface HostAddress {
  readonly address: string;
  readonly port: number;
}

/** Under which a pinned key stands. */
export const endpointOf = ({ address, port }: HostAddress): string => `${address}:${port}`;
