import { expect, it } from 'vitest';
import { parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import { PROOF, startTarget } from '../vsphere/demo-target.ts';
import { writeSweepFolder } from './sweep-folder.ts';

/** A whole run over the simulated vCenter with the collector alone. */
async function sweep(sessionAdmins: readonly string[]) {
  await using vcenter = await startTarget({ sessionAdmins });
  await using folder = await createTemporaryFolder('vcenter');
  await writeSweepFolder(folder.path, vcenter, { name: 'itself', collectors: ['vcenter'] });
  const { output, errors, exitCode } = await vsweep(folder.path, 'sweep', 'itself', '--dry-run');
  const series = parseExposition(output);
  const valuesOf = (name: string) => series.filter((one) => one.name === name).map(({ value }) => value);
  return { valuesOf, output, errors, exitCode };
}

it('a sweep has what the vCenter says of itself, and no name of a user', async () => {
  const { valuesOf, output, errors, exitCode } = await sweep([PROOF.username]);
  expect(exitCode, errors).toBe(0);
  expect(valuesOf('vmware_vcenter_info')).toEqual([1]);
  expect(valuesOf('vmware_vcenter_certificate_expiry_timestamp_seconds')[0]).toBeGreaterThan(1_700_000_000);
  // Own, solution, other: the clones of batches may be open, too.
  const [own, ...others] = valuesOf('vmware_vcenter_sessions');
  expect(own).toBeGreaterThanOrEqual(1);
  expect(others).toEqual([0, 0]);
  expect(valuesOf('vmware_tasks')).toEqual([0, 0]);
  expect(valuesOf('vsweep_collector_success')).toEqual([1]);
  expect(output).not.toContain(PROOF.username);
}, 60_000);

it('a sweep without the privilege to see sessions lacks them alone, succeeds, and says which it is', async () => {
  const { valuesOf, errors, exitCode } = await sweep([]);
  expect(exitCode, errors).toBe(0);
  expect(valuesOf('vmware_vcenter_sessions')).toEqual([]);
  expect(valuesOf('vmware_vcenter_info')).toEqual([1]);
  expect(valuesOf('vsweep_collector_success')).toEqual([1]);
  expect(errors.match(/the account has no privilege Sessions\.TerminateSession/g), errors).toHaveLength(1);
}, 60_000);
