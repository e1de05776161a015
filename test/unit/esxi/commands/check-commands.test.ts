import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEsxcli } from '../../../../lib/esxi/commands/check-esxcli.ts';
import { SSH_FORMS, whyNoSshCommand } from '../../../../lib/esxi/commands/check-ssh.ts';
import { KNOWN_ESXCLI, likelyEsxcli } from '../../../../lib/esxi/commands/known-esxcli.ts';
import { isSecretColumn, secretOfEsxcli } from '../../../../lib/esxi/commands/secrets.ts';

const wrong = (written: string) => {
  const checked = checkEsxcli(written);
  return typeof checked === 'string' ? checked : undefined;
};

describe('a command of esxcli in the configuration', () => {
  it('is its words, and the program itself is not among them', () => {
    expect(checkEsxcli('  network nic  stats get -n vmnic0 ')).toEqual({
      command: 'network nic stats get',
      argv: ['esxcli', 'network', 'nic', 'stats', 'get', '-n', 'vmnic0'],
    });
    expect(wrong('esxcli system version get')).toContain('leave "esxcli" out');
  });

  it.each([
    ['system maintenanceMode set -e true', '"set" is no verb that only reads'],
    ['system shutdown poweroff -r x', '"poweroff" is no verb that only reads'],
    ['vm process kill -w 1', '"kill" is no verb that only reads'],
    ['hardware ipmi sel clear', '"clear" is no verb that only reads'],
    ['system coredump network check', '"check" is no verb that only reads'],
    ['list', 'write namespaces, a verb and options'],
    ['', 'write namespaces, a verb and options'],
    ['system version get; reboot', 'write namespaces, a verb and options'],
    ['system version $(reboot) get', 'write namespaces, a verb and options'],
    ['network nic stats get -n vmnic0;reboot', 'is no option and no value'],
    ['network nic stats get -n $(reboot)', 'is no option and no value'],
    ['network nic stats get -n `reboot`', 'is no option and no value'],
    ['--formatter=xml network nic list', 'leave --formatter out'],
    ['network nic list --formatter=xml', 'leave --formatter out'],
    ['--server=esx02 --password=x network nic list', 'leave --server out'],
  ])('is refused where it may change something, or ask somebody else: %j', (written, why) => {
    expect(wrong(written)).toContain(why);
  });

  it.each([
    'system maintenanceMode set get --enable=true',
    'vsan cluster leave get',
    'system shutdown reboot list --delay=10 --reason=x',
    'software vib install get -d /tmp/x.zip',
    'system maintenanceMode SET get',
    'vendor counters resetAll get',
    'vendor device firmware activate list',
  ])('is refused where a verb that writes stands before the last word: %s', (written) => {
    expect(wrong(written)).toContain('is a verb that may change the host, and it stands before');
  });

  it('is told which word is a verb, and before which it stands', () => {
    expect(wrong('vendor counters resetAll list')).toContain(
      '"resetAll" is a verb that may change the host, and it stands before "list"; write a command with one verb, get or list',
    );
  });

  it.each([
    'nvme device log telemetry controller get -A vmhba1 -p /bootbank/state.tgz',
    'nvme device log telemetry host get -A vmhba1',
    'nvme device log persistentevent get --action=2',
  ])('is refused where its get writes: %s', (written) => {
    expect(wrong(written)).toContain('writes a file or makes the device record');
  });

  it('has no word behind its options that belongs to none of them', () => {
    expect(wrong('network nic stats get -n vmnic0 set')).toContain('"set" stands behind no option');
    expect(wrong('network nic stats get --nic-name=vmnic0 set')).toContain('"set" stands behind no option');
    expect(wrong('network nic stats get --nic-name vmnic0 -x')).toBeUndefined();
  });

  it('may have names that are verbs elsewhere where the public list has the whole command', () => {
    for (const written of ['nvme device register get', 'storage vmfs reclaim config get'])
      expect(wrong(written), written).toBeUndefined();
    for (const written of ['vendor nic stats get', 'vendor settings address list', 'vendor disk status get'])
      expect(wrong(written), written).toBeUndefined();
  });

  it('is held against the public list: a typing error is named, what a vendor adds passes', () => {
    expect(likelyEsxcli('system visorfs ramdsik list')).toBe('system visorfs ramdisk list');
    expect(likelyEsxcli('system visorfs ramdisk list')).toBeUndefined();
    // Two typing errors are those of somebody who writes, three are another name.
    expect(likelyEsxcli('sytem visorfs ramdiks list')).toBe('system visorfs ramdisk list');
    expect(likelyEsxcli('sytem visrfs ramdiks list')).toBeUndefined();
    expect(likelyEsxcli('intnet sriovnic vf get')).toBeUndefined();
    expect(wrong('intnet sriovnic vf get -n vmnic4')).toBeUndefined();
  });

  it('never has a word that changes: whatever is written, its verb is get or list', () => {
    const word = fc.constantFrom(
      'system',
      'set',
      'get',
      'list',
      'add',
      '-n',
      'x',
      ';',
      '--force',
      'remove',
      '|',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        const checked = checkEsxcli(words.join(' '));
        if (typeof checked === 'string') return;
        expect(checked.command).toMatch(/ (?:get|list)$/);
        expect(checked.command).not.toMatch(/\b(?:set|add|remove)\b/);
        expect(checked.argv.join(' ')).not.toMatch(/[;|\n]/);
      }),
    );
  });

  it.each([
    'system snmp get',
    'system account list',
    'system permission list',
    'iscsi adapter auth chap get',
    'iscsi adapter discovery sendtarget auth chap get',
    'iscsi adapter target portal auth chap get',
    'network ip ipsec sa list',
    'system security certificatestore list',
    'system settings encryption get',
    'system settings kernel list',
    'storage nfs41 param get',
    'hardware smartcard token list',
    'vsan iscsi target list',
  ])('is refused where it may print a secret: %s', (command) => {
    expect(wrong(command)).toContain('may print secrets');
  });

  it('is refused for a setting and a column that may be a secret, and not for others', () => {
    expect(wrong('system settings advanced list -o /UserVars/HostClientPassword')).toContain(
      'may be a secret',
    );
    expect(wrong('system settings advanced list -o /Net/TcpipHeapSize')).toBeUndefined();
    expect(
      ['Password', 'String Value', 'DefaultStringValue', 'Communities', 'CHAP Secret'].map(isSecretColumn),
    ).toEqual([true, true, true, true, true]);
    // The sign of kelvin is a k in lower case.
    expect(['CommandLine', 'Command Line', 'to\u212aen', 'Licen.se Key'].map(isSecretColumn)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['Used', 'Int Value', 'Name', 'Maximum'].map(isSecretColumn)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('is one of 330 that are known, of which the secret ones are refused', () => {
    expect(KNOWN_ESXCLI.length).toBeGreaterThan(320);
    expect(new Set(KNOWN_ESXCLI).size).toBe(KNOWN_ESXCLI.length);
    const refused = KNOWN_ESXCLI.filter((command) => secretOfEsxcli(command, []) !== undefined);
    expect(refused.length).toBeGreaterThan(20);
    expect(refused).not.toContain('system visorfs ramdisk list');
    for (const command of KNOWN_ESXCLI.filter((one) => !refused.includes(one)))
      expect(wrong(command), command).toBeUndefined();
  });
});

describe('a command by ssh in the configuration', () => {
  it.each([
    [['readlink', '-f', '/bootbank']],
    [['tail', '-n', '2000', '/var/run/log/vmkernel.log']],
    [['grep', '-c', '-E', 'APD|permanent device loss', '/var/run/log/vmkernel.log']],
    [['ls', '-1', '/var/core']],
    [['uptime']],
    [['pam_tally2', '--user', 'root']],
    [['esxcfg-mpath', '-b']],
  ])('is one of the forms that only read: %j', (argv) => {
    expect(whyNoSshCommand(argv)).toBeUndefined();
  });

  it.each([
    [['rm', '-rf', '/']],
    [['cat', '/etc/shadow']],
    [['sh', '-c', 'reboot']],
    [['/bin/readlink', '-f', '/bootbank']],
    [['readlink', '-f', '/bootbank', '/etc/shadow']],
    [['readlink', '/bootbank']],
    [['ls', '-1', '/var/core/../../etc']],
    [['tail', '-n', '2000', '/var/run/log/../../../etc/shadow']],
    [['tail', '-n', '2000', '/etc/shadow']],
    [['tail', '-f', '/var/run/log/vmkernel.log']],
    [['tail', '-n', '20000', '/var/run/log/vmkernel.log']],
    [['tail', '-n', '200', '/var/run/log/shell.log']],
    [['tail', '-n', '200', '/var/log/auth.log']],
    [['grep', '-c', '-E', '-f/etc/shadow', '/var/run/log/vmkernel.log']],
    [['grep', '-c', '-E', 'x', '/etc/shadow']],
    [['pam_tally2', '--user', '--reset']],
    [['pam_tally2', '--user', 'root', '--reset']],
    [['faillock', '--user', 'root', '--reset']],
    [['esxcfg-nics', '-s', '100', 'vmnic0']],
    [['vim-cmd', 'vmsvc/power.off', '1']],
    [['date', '-s', '2000-01-01']],
    [[]],
  ])('is refused otherwise, with the list: %j', (argv) => {
    const why = whyNoSshCommand(argv);
    expect(why).toContain('in the list of what only reads: [');
    expect(SSH_FORMS.some((shown) => why?.includes(shown))).toBe(true);
  });

  it('is never more than its form, whatever is written behind it', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('-f', '/var/run/log/vmkernel.log', '--reset', ';', 'reboot', '-n', '10', '/bootbank'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('readlink', 'tail', 'ls', 'wc', 'grep'),
        fc.array(word, { maxLength: 6 }),
        (program, args) => {
          if (whyNoSshCommand([program, ...args]) !== undefined) return;
          expect(args.length).toBeLessThanOrEqual(4);
          expect(args.at(-1)).toMatch(/^\//);
          expect(args.at(-1)).not.toContain('..');
        },
      ),
    );
  });
});
