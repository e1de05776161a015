import type { NetboxDevice } from '../../../support/netbox/netbox.ts';

export const NETBOX_TOKEN = '0123456789abcdef0123456789abcdef01234567';
/** esx1 by its name, esx2 by the address that it is dialled at; esx3 is not ready for use. */
export const DEVICES: readonly NetboxDevice[] = [
  { name: 'ESX1.', site: 'qa-de-1a' },
  { name: 'rack-2', site: 'qa-de-1b', ip4: '127.0.70.2/24' },
  { name: 'esx3', site: 'qa-de-1a', status: 'staged' },
  { name: 'esx4', site: 'qa-de-1a' },
  { name: 'esx5', site: 'qa-de-1a' },
];
