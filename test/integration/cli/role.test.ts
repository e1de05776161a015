import { describe, expect, it } from 'vitest';
import { createConfigured } from './command-here.ts';
import { vsweep } from './vsweep-command.ts';

const VCENTER = { credentials: { secret: 'vsweep/vc' } };
const CONFIG = {
  targets: [
    { name: 'vc01.example.org', ...VCENTER },
    { name: 'vc02.example.org', ...VCENTER, endLeftoverSessions: true },
    { name: 'vc03.example.org', ...VCENTER },
    { name: 'vc04.example.org', ...VCENTER },
  ],
  sweeps: [
    { name: 'status', every: '1m', collectors: ['overall-status'], targets: ['vc01.example.org'] },
    { name: 'hosts', every: '1m', collectors: ['hosts'], targets: ['vc02.example.org', 'vc03.example.org'] },
  ],
};

const BY_SSH_ONLY = {
  targets: [{ name: 'lab', hosts: [{ name: 'esx01.example.org', site: 'lab' }] }],
  sweeps: [{ name: 'services', every: '1m', collectors: ['ssh-services'] }],
  esxi: { credentials: { secret: 'vsweep/esxi' } },
};

describe('vsweep role', () => {
  it('names own metrics with what they need, on vCenter and on hosts', async () => {
    await using configured = await createConfigured({
      targets: [{ name: 'vc01.example.org', ...VCENTER }],
      esxi: { credentials: { secret: 'vsweep/esxi' } },
      sweeps: [{ name: 'inventory', every: '5m', collectors: ['own'] }],
      metrics: {
        own: {
          own_flag: { property: 'VirtualMachine runtime.consolidationNeeded' },
          own_lost: { ssh: ['readlink', '-f', '/bootbank'], test: { matches: '^/tmp' } },
        },
      },
    });
    const { output, exitCode } = await vsweep('.', 'role', '--config', configured.text.config);
    expect(exitCode).toBe(0);
    expect(output).toContain('# Collectors: own\n# Privileges: System.Anonymous, System.View, System.Read\n');
    expect(output).toContain('# own: also needs an account on each host');
  });

  it('prints commands for the least role of each target that is swept, once for those that need the same', async () => {
    await using configured = await createConfigured(CONFIG);
    const { output, exitCode } = await vsweep('.', 'role', '--config', configured.text.config);
    expect(exitCode).toBe(0);
    const lines = output.split('\n');
    expect(lines.filter((line) => line.startsWith('# Role'))).toEqual([
      '# Role vsweep on vc01.example.org, vc03.example.org',
      '# Role vsweep on vc02.example.org',
    ]);
    expect(lines.filter((line) => line.startsWith('govc role.create'))).toEqual([
      "govc role.create 'vsweep' 'System.Anonymous' 'System.View' 'System.Read'",
      "govc role.create 'vsweep' 'System.Anonymous' 'System.View' 'System.Read' 'Sessions.TerminateSession'",
    ]);
    expect(output.match(/role Read-only/g)).toHaveLength(1);
    expect(lines.filter((line) => line !== '' && !/^(?:#|govc |New-VI)/.test(line))).toEqual([]);
  });

  it('needs no configuration for collectors that are named, and says what the role does not cover', async () => {
    const asked = ['role', '--collectors', 'tags, ssh-services', '--principal', String.raw`EX\sweeper`];
    const { output: ofAppliance } = await vsweep('.', 'role', '--collectors', 'appliance');
    expect(ofAppliance).toContain(
      '# appliance: also add the account to the single sign-on group SystemConfiguration.ReadOnly',
    );
    expect(ofAppliance).toContain(
      "govc sso.group.update -a 'vsweep@VSPHERE.LOCAL' 'SystemConfiguration.ReadOnly'",
    );
    const { output, exitCode } = await vsweep('.', ...asked);
    expect(exitCode).toBe(0);
    expect(output).toContain(
      '# tags: also give the account this role in Administration > Global Permissions.',
    );
    expect(output).toContain('# ssh-services: also needs an account on each host');
    expect(output).toContain(
      String.raw`govc permissions.set -principal 'EX\sweeper' -role 'vsweep' -propagate=true`,
    );
    const { output: json } = await vsweep('.', ...asked, '--json');
    expect(JSON.parse(json)).toEqual([
      expect.objectContaining({
        targets: [],
        collectors: ['ssh-services', 'tags'],
        privileges: ['System.Anonymous', 'System.View', 'System.Read'],
        govc: expect.arrayContaining([expect.stringContaining('govc role.create')]),
        powerCli: expect.arrayContaining([expect.stringContaining('New-VIRole')]),
      }),
    ]);
  });

  it('says that no role is needed where no vCenter is asked', async () => {
    await using configured = await createConfigured(BY_SSH_ONLY);
    const { output, errors, exitCode } = await vsweep('.', 'role', '--config', configured.text.config);
    expect([output, errors, exitCode]).toEqual([
      '# No sweep logs in to a vCenter: no role is needed.\n',
      '',
      0,
    ]);
  });

  it.each([
    [
      'a collector that there is not',
      ['--collectors', 'hosts,hosst'],
      'unknown: hosst (did you mean hosts?); name any of host-services',
    ],
    ['no collector', ['--collectors', ','], 'names no collector; name any of host-services'],
    ['a name that govc takes for an option', ['--name=-dump'], 'such as vsweep'],
    ['a wildcard of PowerCLI', ['--name', 'vsweep*'], 'such as vsweep'],
    ['an account without its domain', ['--principal', 'sweeper'], String.raw`such as 'VSPHERE.LOCAL\vsweep'`],
    ['an account with a line break', ['--principal', 'EX\\a\nb'], String.raw`such as 'VSPHERE.LOCAL\vsweep'`],
  ])('refuses %s', async (_, options, message) => {
    const { output, errors, exitCode } = await vsweep('.', 'role', ...options);
    expect([output, exitCode]).toEqual(['', 2]);
    expect(errors).toContain(message);
  });
});
