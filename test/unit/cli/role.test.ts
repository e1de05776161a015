import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roleCommand } from '../../../lib/cli/role.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { here, refusal } from '../../support/cli/here.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const role =
  (collectors: readonly string[], json = false) =>
  () =>
    roleCommand({ config: '/no/such/file', collectors, name: 'r', principal: String.raw`D\u`, json });
const ALL = COLLECTORS.map(({ name }) => name).join(', ');

describe('the role for named collectors', () => {
  it('is printed whole, to be pasted into either shell, with what a role does not cover', async () => {
    expect(await here(role(['tags', 'ssh-services', 'appliance']))).toEqual({
      exitCode: 0,
      errors: '',
      output: String.raw`# Role r
# Collectors: ssh-services, appliance, tags
# Privileges: System.Anonymous, System.View, System.Read
# The built-in role Read-only has the same privileges and can be used instead.
# tags: also give the account this role in Administration > Global Permissions.
# appliance: also add the account to the single sign-on group SystemConfiguration.ReadOnly (govc does it below).
# ssh-services: also needs an account on each host (docs/deploy.md, section 3).

# govc, with GOVC_URL, GOVC_USERNAME and GOVC_PASSWORD of an administrator:
govc role.create 'r' 'System.Anonymous' 'System.View' 'System.Read'
govc permissions.set -principal 'D\u' -role 'r' -propagate=true
govc sso.group.update -a 'u@D' 'SystemConfiguration.ReadOnly'

# PowerCLI, after Connect-VIServer as an administrator:
New-VIRole -Name 'r' -Privilege (Get-VIPrivilege -Id 'System.Anonymous', 'System.View', 'System.Read')
New-VIPermission -Entity (Get-Folder -NoRecursion) -Principal 'D\u' -Role 'r' -Propagate:$true
`,
    });
  });

  it('is refused for a name that no collector has, and for no name', async () => {
    expect(await refusal(role(['hosts', 'hosst', 'zzzzzz']))).toBe(
      `the command line: 1 fault\n  --collectors: unknown: hosst (did you mean hosts?), zzzzzz; name any of ${ALL}`,
    );
    expect(await refusal(role([]))).toBe(
      `the command line: 1 fault\n  --collectors: names no collector; name any of ${ALL}`,
    );
  });
});

describe('the roles of a configuration', () => {
  it('are one for targets that need the same, of those alone that a sweep logs in to', async () => {
    await using folder = await createTemporaryFolder('role');
    const config = join(folder.path, 'vsweep.yaml');
    writeFileSync(
      config,
      `targets:
  - { name: vc1, credentials: { env: VC } }
  - { name: vc2, credentials: { env: VC }, endLeftoverSessions: true }
  - { name: vc3, credentials: { env: VC } }
  - { name: unswept, credentials: { env: VC } }
  - { name: lab, hosts: [{ name: esx1, site: lab }] }
esxi: { credentials: { env: ESXI }, hostKeys: { unknown: refuse } }
sweeps:
  - { name: a, every: 1m, collectors: [hosts, own], targets: [vc1, vc2] }
  - { name: b, every: 1m, collectors: [own, datastores], targets: [vc3] }
  - { name: c, every: 1m, collectors: [ssh-services], targets: [lab] }
metrics: { own: { own_flag: { property: VirtualMachine runtime.consolidationNeeded } } }
`,
    );
    const { output } = await here(() => roleCommand({ config, name: 'r', principal: 'D\\u', json: true }));
    const READ = ['System.Anonymous', 'System.View', 'System.Read'];
    const shown = JSON.parse(output).map(({ targets, collectors, privileges }: Record<string, unknown>) => ({
      ...{ targets, collectors, privileges },
    }));
    expect(shown).toEqual([
      { targets: ['vc1', 'vc3'], collectors: ['hosts', 'datastores', 'own'], privileges: READ },
      {
        targets: ['vc2'],
        collectors: ['hosts', 'own'],
        privileges: [...READ, 'Sessions.TerminateSession'],
      },
    ]);
    const lines = (
      await here(() => roleCommand({ config, name: 'r', principal: 'D\\u', json: false }))
    ).output
      .split('\n')
      .filter((line) => /^# (Role|Coll|Priv|The)/.test(line));
    expect(lines).toEqual([
      '# Role r on vc1, vc3',
      '# Collectors: hosts, datastores, own',
      `# Privileges: ${READ.join(', ')}`,
      '# The built-in role Read-only has the same privileges and can be used instead.',
      '# Role r on vc2',
      '# Collectors: hosts, own',
      `# Privileges: ${READ.join(', ')}, Sessions.TerminateSession`,
    ]);
  });
});
