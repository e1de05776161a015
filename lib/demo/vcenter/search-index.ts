import type { XmlElement } from '../../vsphere/soap/soap-reader.ts';
import { reference } from '../../vsphere/soap/soap-request.ts';
import type { DemoVcenterHost } from './demo-host.ts';
import type { DemoEstate } from './estate.ts';
import { type ManagedObject, ROOT_FOLDER } from './managed-object.ts';
import { childOf, textOf, toReference } from './request-fields.ts';
import { DemoFault } from './soap-answer.ts';

export interface SearchContext {
  readonly inventory: ReadonlyMap<string, ManagedObject>;
  readonly hosts: readonly DemoVcenterHost[];
  readonly estate: DemoEstate;
}

type Search = (request: XmlElement, context: SearchContext) => string | undefined;

/** Each gives the moref of what it found. */
const SEARCHES: Readonly<Record<string, Search>> = {
  FindByDnsName: (request, context) => {
    const name = textOf(request, 'dnsName');
    return byKind(request, context, {
      host: (host) => host.name === name,
      vm: ({ guest }) => guest?.hostName === name,
    });
  },
  FindByIp: (request, context) => {
    const ip = textOf(request, 'ip');
    return byKind(request, context, {
      host: (host) => host.managementAddress === ip,
      vm: ({ guest }) => guest?.ipAddress === ip,
    });
  },
  FindByUuid: (request, context) => {
    const uuid = textOf(request, 'uuid');
    const key = textOf(request, 'instanceUuid') === 'true' ? 'instanceUuid' : 'uuid';
    return byKind(request, context, { host: () => false, vm: (vm) => vm[key] === uuid });
  },
  FindByInventoryPath: (request, { inventory }) =>
    textOf(request, 'inventoryPath')
      .split('/')
      .filter((name) => name !== '')
      .reduce<string | undefined>(
        (parent, name) => (parent === undefined ? undefined : childNamed(inventory, parent, name)),
        ROOT_FOLDER.value,
      ),
  FindChild: (request, { inventory }) => {
    const entity = toReference(childOf(request, 'entity'));
    if (!inventory.has(entity.value)) {
      const gone = `The object '${entity.type}:${entity.value}' has already been deleted`;
      throw new DemoFault('ManagedObjectNotFound', gone, reference('obj', entity));
    }
    return childNamed(inventory, entity.value, textOf(request, 'name'));
  },
};

/** The operations of the SearchIndex: what is not found is answered with nothing. */
export const SEARCH_CALLS: Readonly<Record<string, (request: XmlElement, context: SearchContext) => string>> =
  Object.fromEntries(
    Object.entries(SEARCHES).map(([operation, search]) => [
      operation,
      (request, context) => {
        const object = context.inventory.get(search(request, context) ?? '');
        return object === undefined ? '' : reference('returnval', object);
      },
    ]),
  );

function byKind(
  request: XmlElement,
  { hosts, estate, inventory }: SearchContext,
  is: {
    host: (host: DemoVcenterHost) => boolean;
    vm: (vm: DemoEstate['virtualMachines'][number]) => boolean;
  },
): string | undefined {
  const datacenter = textOf(request, 'datacenter');
  const inScope = ({ moref }: { moref: string }) =>
    datacenter === '' || isBelow(inventory, moref, datacenter);
  return textOf(request, 'vmSearch') === 'true'
    ? estate.virtualMachines.find((vm) => is.vm(vm) && inScope(vm))?.moref
    : hosts.find((host) => is.host(host) && inScope(host))?.moref;
}

function isBelow(inventory: SearchContext['inventory'], moref: string, above: string): boolean {
  for (let next: string | undefined = moref; next !== undefined; ) {
    if (next === above) return true;
    next = inventory.get(next)?.place?.parent.value;
  }
  return false;
}

function childNamed(inventory: SearchContext['inventory'], parent: string, name: string): string | undefined {
  for (const { value, place } of inventory.values()) {
    if (place?.parent.value === parent && place.name === name) return value;
  }
  return undefined;
}
