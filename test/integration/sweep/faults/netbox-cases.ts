import type { NetboxDevice } from '../../../support/netbox/netbox.ts';
import type { FaultCase } from './fault-case.ts';
import { DEVICES } from './netbox-devices.ts';

const HOUR_MS = 61 * 60_000;
/** The answer of the last good run is used: esx3 is still not asked. */
const STALE = {
  vcenter: 'ok',
  ssh: 'skipped(netbox)',
  pushed: ['vsweep_netbox_up 0'],
  exitCode: 0,
  remedy: 'nothing',
} as const;
const BY_LAST_ANSWER = 'Using the NetBox answer from … (netbox.whenDown).';

/** So late that NetBox is asked again. */
const harm =
  (how: FaultCase['make']): FaultCase['make'] =>
  (peers) => {
    peers.fleet.clock.advance(HOUR_MS);
    return how(peers);
  };
const offline = (device: NetboxDevice) => ({ ...device, status: 'offline' });

export const NETBOX_CASES: readonly FaultCase[] = [
  {
    fault: '403',
    ...STALE,
    message: `NetBox: …: NetBox answered 403 Forbidden: …. Check that netbox.token is enabled and not expired, that its user may view devices (dcim.view_device), and that its allowed IPs include this machine. ${BY_LAST_ANSWER}`,
    make: harm(({ netbox }) => netbox.setFault('forbidden')),
  },
  {
    fault: 'the token is refused',
    ...STALE,
    message: `NetBox: …: NetBox answered 403 Forbidden: Invalid token. Check that netbox.token is enabled and not expired, … ${BY_LAST_ANSWER}`,
    make: harm(({ netbox }) => netbox.setToken('another')),
  },
  {
    fault: '400 on a slug that it does not know',
    ...STALE,
    message: `NetBox: …: NetBox answered 400 Bad Request: site: Select a valid choice. qa-de-1a is not one of the available choices. … Correct netbox.filter: write slugs that exist in NetBox, not names. ${BY_LAST_ANSWER}`,
    make: harm(({ netbox }) => netbox.setDevices(DEVICES.map((one) => ({ ...one, site: 'renamed' })))),
  },
  {
    fault: '500',
    ...STALE,
    message: `NetBox: …: NetBox answered 500 Internal Server Error: an HTML page. Check NetBox's health and log. ${BY_LAST_ANSWER}`,
    make: harm(({ netbox }) => netbox.setFault('server-error')),
  },
  {
    fault: 'answers HTML',
    ...STALE,
    message: `NetBox: …: NetBox should answer with a page of devices, but the answer is an HTML page. Check that netbox.url is that of NetBox itself, without /api, and that no login page is in front of it. ${BY_LAST_ANSWER}`,
    make: harm(({ netbox }) => netbox.setFault('html')),
  },
  {
    fault: 'cut off',
    ...STALE,
    message: `NetBox: …: the answer was cut off after … characters. Check NetBox's log and any proxy in front of it. ${BY_LAST_ANSWER}`,
    make: harm(({ netbox }) => netbox.setFault('cut-off')),
  },
  {
    fault: 'an empty answer',
    ...STALE,
    message: `NetBox: …: NetBox answered with no devices; that answer is not used. Check that the token's user may view devices, and that netbox.filter is right. ${BY_LAST_ANSWER}`,
    make: harm(({ netbox }) => netbox.setDevices(DEVICES.map(offline))),
  },
  {
    fault: 'less than half of the devices',
    ...STALE,
    message: `NetBox: …: NetBox answered with 1 devices, after 4 at …; that answer is not used. Check that the token's user may view devices, and that the devices are really gone. … ${BY_LAST_ANSWER}`,
    make: harm(({ netbox }) => netbox.setDevices(DEVICES.map((one, n) => (n === 0 ? one : offline(one))))),
  },
  {
    fault: 'slow',
    ...STALE,
    message: `NetBox: no answer by the end of the listing phase. Check its load. An answer that comes later in the run is kept for the next run. ${BY_LAST_ANSWER}`,
    make: harm(async ({ fleet, netbox }) => {
      // It is waited for until the time for collecting is over.
      await fleet.configure({ every: '30s' });
      netbox.setFault('hangs');
    }),
  },
  {
    fault: 'down',
    ...STALE,
    message: `NetBox: …: no answer: read ECONNRESET. Check netbox.url and the network path to it. ${BY_LAST_ANSWER}`,
    make: harm(({ netbox }) => netbox.setFault('reset')),
  },
  {
    fault: 'down, and it never answered',
    ...STALE,
    ssh: 'ok',
    message:
      'NetBox: …: no answer: connect ECONNREFUSED …. Check netbox.url and the network path to it. Every host is asked by ssh, active or not (netbox.whenDown).',
    make: ({ fleet }) => fleet.configure({ more: 'netbox: { url: "http://127.0.0.1:1" }\n' }),
  },
];
