import { strict as assert } from 'node:assert';
import { checkPropertyPath } from '../../lib/vsphere/vim25/property-path.ts';
import { loadVim25 } from '../../lib/vsphere/vim25/vim25.ts';
import { measure } from '../measured.ts';

/** What the first data object of a process costs: the table unpacked, and a path of some types found in it. */
const measured = await measure(async () => {
  loadVim25();
  assert.equal(checkPropertyPath('HostSystem', 'config.service.service["ntpd"].running').type, 'boolean');
});
console.log(JSON.stringify(measured));
