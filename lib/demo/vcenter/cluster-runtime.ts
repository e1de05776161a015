import { reference, textElement } from '../../vsphere/soap/soap-request.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';
import type { ManagedObject } from './managed-object.ts';
import { textOf } from './request-fields.ts';
import { DemoFault } from './soap-answer.ts';

const DAS_ENABLED = 'configuration.dasConfig.enabled';
const SLOTS_PER_HOST = 40;

/**
 * RetrieveDasAdvancedRuntimeInfo of a cluster: nothing without vSphere HA, else slots of 32 MHz and 128 MB, of which
 * those of one host are kept for a failover and all others but ten are used.
 */
export function retrieveDasRuntimeInfo(
  request: XmlElement,
  { inventory }: { readonly inventory: ReadonlyMap<string, ManagedObject> },
): string {
  const cluster = inventory.get(textOf(request, '_this'));
  if (cluster?.type !== 'ClusterComputeResource')
    throw new DemoFault('ManagedObjectNotFound', 'The cluster is gone.');
  if (cluster.properties.get(DAS_ENABLED)?.includes('>true<') !== true) return '';
  const hosts = cluster.properties.get('host')?.match(/<ManagedObjectReference/g)?.length ?? 0;
  const total = hosts * SLOTS_PER_HOST;
  const slot = textElement('numVcpus', '1') + textElement('cpuMHz', '32') + textElement('memoryMB', '128');
  const datastores = ['datastore-11', 'datastore-12'].map(
    (value) =>
      `<heartbeatDatastoreInfo>${reference('datastore', { type: 'Datastore', value })}</heartbeatDatastoreInfo>`,
  );
  return (
    `<returnval xsi:type="ClusterDasFailoverLevelAdvancedRuntimeInfo">${datastores.join('')}<slotInfo>${slot}</slotInfo>` +
    textElement('totalSlots', String(total)) +
    textElement('usedSlots', String(total - SLOTS_PER_HOST - 10)) +
    textElement('unreservedSlots', '10') +
    textElement('totalVms', String(total - SLOTS_PER_HOST - 10)) +
    textElement('totalHosts', String(hosts)) +
    textElement('totalGoodHosts', String(hosts)) +
    '</returnval>'
  );
}
