import { expect, it } from 'vitest';
import { APPLIANCE } from '../../../lib/catalogue/appliance.ts';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import type { DemoVcenterFault, DemoVcenterOptions } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import { startTarget } from '../vsphere/demo-target.ts';
import { writeSweepFolder } from './sweep-folder.ts';

/** A whole run over the simulated vCenter with two collectors that need its REST API. */
async function sweep(options: Partial<DemoVcenterOptions> = {}, fault?: DemoVcenterFault) {
  await using vcenter = await startTarget({ estate: createDemoEstate(), ...options });
  await using folder = await createTemporaryFolder('appliance');
  await writeSweepFolder(folder.path, vcenter, {
    name: 'itself',
    collectors: ['appliance', 'tags', 'vcenter'],
  });
  vcenter.misbehave(fault);
  const { output, errors, exitCode } = await vsweep(folder.path, 'sweep', 'itself', '--dry-run');
  vcenter.misbehave(undefined);
  const series = parseExposition(output);
  const success = series.filter(({ name }) => name === 'vsweep_collector_success');
  return {
    output,
    errors,
    exitCode,
    names: new Set(series.map(({ name }) => name)),
    success: Object.fromEntries(success.map(({ labels, value }) => [labels['collector'], value])),
    rest: vcenter.rest(),
    sessions: vcenter.sessions(),
  };
}

it('a sweep has what the appliance says of itself by one login to REST, and ends the session', async () => {
  const { names, success, errors, exitCode, output, rest, sessions } = await sweep();
  expect(exitCode, errors).toBe(0);
  expect(APPLIANCE.map(({ name }) => name).filter((name) => !names.has(name))).toEqual([]);
  expect(success).toEqual({ appliance: 1, tags: 1, vcenter: 1 });
  expect([rest, sessions]).toEqual([{ logins: 1, refusedLogins: 0, sessions: 0 }, 0]);
  // Where backups go, and as whom.
  expect(output).not.toMatch(/backup\.example\.org|location/);
}, 60_000);

it('a sweep with an account that is in no group of the appliance succeeds, and says what to do once', async () => {
  const { names, success, errors, exitCode } = await sweep({ applianceReaders: [] });
  expect(exitCode, errors).toBe(0);
  expect(success).toEqual({ appliance: 1, tags: 1, vcenter: 1 });
  expect(names.has('vmware_vcenter_health_state')).toBe(false);
  expect(names.has('vmware_vcenter_sts_certificate_expiry_timestamp_seconds')).toBe(true);
  expect(errors.match(/govc sso\.group\.update/g), errors).toHaveLength(1);
}, 60_000);

it('a REST API that refuses the account costs what needs it and nothing else, by one login', async () => {
  const { names, success, rest } = await sweep({}, { kind: 'status', status: 401, operation: 'rest login' });
  expect(success).toEqual({ appliance: 0, tags: 0, vcenter: 1 });
  expect(names.has('vmware_vcenter_info')).toBe(true);
  expect(rest.sessions).toBe(0);
}, 60_000);
