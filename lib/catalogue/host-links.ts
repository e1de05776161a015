import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { fieldOf, listOf, textOf } from '../vsphere/property/value-fields.ts';
import type { MetricRow, Point } from './row.ts';
import { amountOf, counts } from './sources/conversions.ts';
import { each, optional, whileConnected } from './sources/property.ts';

const HOST = { kind: 'host', preset: 'vmware_exporter', privilege: 'System.Read', labels: [] } as const;

const PNIC = 'config.network.pnic';

const ofNics = (toPoint: (nic: PropertyValue, device: string) => Point | undefined) =>
  whileConnected(
    each(PNIC, (nic) => {
      const device = textOf(fieldOf(nic, 'device'));
      return device === undefined ? undefined : toPoint(nic, device);
    }),
  );

/** PhysicalNic.linkSpeed is unset while the link is down. */
const linkOf = (nic: PropertyValue) => fieldOf(nic, 'linkSpeed');

/** Network adapters, and paths to storage devices. */
export const HOST_LINKS: readonly MetricRow[] = [
  {
    ...HOST,
    name: 'vmware_host_nic_link_up',
    help: 'Whether the network adapter has a link',
    unit: 'boolean',
    source: ofNics((nic, device) => ({
      labels: [device],
      value: linkOf(nic) === undefined ? 0 : 1,
    })),
    labels: ['nic'],
    since: '2.0',
  },
  {
    ...HOST,
    name: 'vmware_host_nic_speed_mbps',
    help: 'Speed of the link of the network adapter, in Mbit/s',
    unit: 'number',
    source: ofNics((nic, device) => {
      const speed = amountOf(fieldOf(linkOf(nic), 'speedMb'));
      return speed === undefined ? undefined : { labels: [device], value: speed };
    }),
    labels: ['nic'],
    since: '2.0',
  },
  {
    ...HOST,
    name: 'vmware_host_nic_info',
    help: 'Driver of the network adapter, its version and that of the firmware as labels; always 1',
    unit: 'info',
    source: ofNics((nic, device) => {
      const word = (field: string) => textOf(fieldOf(nic, field)) ?? '';
      return { labels: [device, word('driver'), word('driverVersion'), word('firmwareVersion')], value: 1 };
    }),
    labels: ['nic', 'driver', 'driver_version', 'firmware'],
    since: '2.0',
  },
  {
    ...HOST,
    name: 'vmware_host_storage_paths',
    help: 'Number of paths to storage devices, by state',
    unit: 'number',
    source: whileConnected(
      optional(
        'config.multipathState.path',
        counts(['active', 'standby', 'disabled', 'dead', 'unknown'], (path) => fieldOf(path, 'pathState')),
      ),
    ),
    labels: ['state'],
    since: '4.0',
  },
];

/** ScsiLunState; of the states of one device the first says it. */
const LUN_STATES = [
  'ok',
  'degraded',
  'error',
  'lostCommunication',
  'off',
  'quiesced',
  'timeout',
  'unknownState',
];

/** A collector of its own, because a storage device has kilobytes, and no path leads to the states alone. */
export const HOST_LUNS: readonly MetricRow[] = [
  {
    ...HOST,
    name: 'vmware_host_luns',
    help: 'Number of storage devices of the host, by operational state',
    unit: 'number',
    source: whileConnected(
      optional(
        'config.storageDevice.scsiLun',
        counts(LUN_STATES, (lun) => listOf(fieldOf(lun, 'operationalState'))[0]),
      ),
    ),
    labels: ['state'],
    since: '2.0',
  },
];
