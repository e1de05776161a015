import { describe, expect, it } from 'vitest';
import { checkEsxcli } from '../../../../lib/esxi/commands/check-esxcli.ts';
import { KNOWN_ESXCLI, likelyEsxcli } from '../../../../lib/esxi/commands/known-esxcli.ts';
import { isSecretColumn, secretOfEsxcli } from '../../../../lib/esxi/commands/secrets.ts';
import { whyItWrites } from '../../../../lib/esxi/commands/writing-esxcli.ts';

const wrong = (written: string) => {
  const checked = checkEsxcli(written);
  return typeof checked === 'string' ? checked : undefined;
};
const isTaken = (options: string) => wrong(`network nic stats get ${options}`) === undefined;

describe('a command of esxcli that is refused', () => {
  const FORM = 'write namespaces, a verb and options, such as "system visorfs ramdisk list"';
  const leave = (option: string) =>
    `leave ${option} out: vsweep chooses the format, and asks the host itself`;

  it.each([
    ['esxcli', 'leave "esxcli" out: write the words behind it, such as "system visorfs ramdisk list"'],
    [
      'localcli x get',
      'leave "localcli" out: write the words behind it, such as "system visorfs ramdisk list"',
    ],
    ['', FORM],
    ['get', FORM],
    ['-n', FORM],
    ['system version1;x get', FORM],
    ['9system version get', FORM],
    ['system ver-sion get', FORM],
    ['system version set', '"set" is no verb that only reads; write a command that ends with get or list'],
    ['system version', '"version" is no verb that only reads; write a command that ends with get or list'],
    [
      'system version -n get',
      '"version" is no verb that only reads; write a command that ends with get or list',
    ],
    ['a b get -n $x', '"$x" is no option and no value of one; use letters, digits and . / : @ + _ -'],
    ['a b get -n x y', '"y" stands behind no option; write the option that it is the value of'],
    ['a b get --n=x y', '"y" stands behind no option; write the option that it is the value of'],
    [
      'system snmp get',
      '"system snmp get" may print secrets, so it is no source of metrics; choose another command',
    ],
    ['a b get -n password', '"password" may be a secret, so it is no source of metrics; choose another one'],
    [
      'nvme device log telemetry get',
      '"nvme device log telemetry get" writes a file or makes the device record; choose another command',
    ],
    [
      'a reset b list',
      '"reset" is a verb that may change the host, and it stands before "list"; write a command with one verb, get or list',
    ],
  ])('is told why: %s', (written, why) => {
    expect(wrong(written)).toBe(why);
  });

  it.each([
    'formatter',
    'format-param',
    'debug',
    'batch',
    'server',
    'username',
    'password',
    'config',
    'thumbprint',
    'vihost',
  ])('may not say itself how it is asked, or whom: %s', (name) => {
    expect(wrong(`a b get --${name}=x`)).toBe(leave(`--${name}`));
    expect(wrong(`-${name} x a b get`)).toBe(leave(`-${name}`));
    expect(wrong(`a b get ---${name}`)).not.toBe(leave(`---${name}`));
    expect(wrong(`a b get --${name}s`)).not.toBe(leave(`--${name}s`));
  });
});

describe('the options of a command of esxcli', () => {
  it.each([
    '-n vmnic0',
    '-n=vmnic0',
    '-A',
    '--nic-name=vmnic0',
    '--nic-name vmnic0',
    '-a -b',
    '-n a_b./:@+-9',
    '-n=a_b./:@+-9',
    '-n _',
    '-n .',
    '-n /',
    '-n :',
    '-n @',
    '-n +',
    `-n ${'v'.repeat(200)}`,
    `-n=${'v'.repeat(200)}`,
  ])('may be %s', (options) => {
    expect(isTaken(options)).toBe(true);
  });

  it.each([
    '-9',
    '-ab',
    '--Nic',
    '--9',
    '--',
    '-',
    '-n=',
    '-n=a=b',
    '-n=a;b',
    '--nic_name=x',
    '---n',
    `-n ${'v'.repeat(201)}`,
    `-n=${'v'.repeat(201)}`,
    '-n a=b',
    '-n a,b',
    "-n 'a'",
    '-n a b',
    '-n=a b',
    '-n a -m b c',
  ])('may not be %s', (options) => {
    expect(isTaken(options)).toBe(false);
  });

  it('are words of the command, as they were written', () => {
    expect(checkEsxcli('\tnetwork  nic stats get\n-n  vmnic0 --all ')).toEqual({
      command: 'network nic stats get',
      argv: ['esxcli', 'network', 'nic', 'stats', 'get', '-n', 'vmnic0', '--all'],
    });
  });
});

describe('a name of a command of esxcli that is a verb', () => {
  const writes = (name: string) => whyItWrites(['a', name, 'get']) !== undefined;

  it.each(['set', 'setState', 'set2', 'SET', 'Set', 'rescan', 'write', 'activate', 'kill', 'down'])(
    'is found in %s, whose command is refused',
    (name) => {
      expect(writes(name)).toBe(true);
    },
  );

  it.each([
    'settings',
    'setup',
    'resets',
    'address',
    'mySet',
    '9set',
    'state',
    'get',
    'list',
    'stats',
    'status',
  ])('is not %s', (name) => {
    expect(writes(name)).toBe(false);
  });

  it('counts only before the last one', () => {
    expect(whyItWrites(['a', 'set'])).toBeUndefined();
    expect(whyItWrites(['set', 'get'])).toBeDefined();
  });

  it('is a thing in the commands of the public list, and in no longer one', () => {
    for (const command of [
      'network ip dns search list',
      'network nic pauseParams list',
      'nvme device register get',
      'storage core device vaai delete list',
      'storage vmfs reclaim config get',
      'system boot device get',
      'system process stats load get',
    ]) {
      expect(KNOWN_ESXCLI, command).toContain(command);
      expect(whyItWrites(command.split(' ')), command).toBeUndefined();
      expect(whyItWrites(['x', ...command.split(' ')]), command).toBeDefined();
    }
  });

  it.each([
    ['nvme device log telemetry host get', true],
    ['NVMe device log persistentevent get', true],
    ['nvme device log telemetryx get', false],
    ['vendor nvme device log telemetry get', false],
    ['nvme device log smart get', false],
  ])('or the get of %s, which writes: %s', (command, does) => {
    expect(whyItWrites(command.split(' ')) !== undefined).toBe(does);
  });
});

describe('a secret that esxcli may print', () => {
  it.each([
    'system snmp get',
    'SYSTEM snmp get',
    'system account list',
    'system permission list',
    'system security x get',
    'system settings encryption get',
    'system settings kernel list',
    'system wbem get',
    'system secpolicy domain list',
    'iscsi auth get',
    'iscsi adapter target portal auth get',
    'iscsi adapter chap get',
    'iscsi adapter target chap get',
    'network ip ipsec sa list',
    'hardware smartcard info get',
    'hardware tpm tag get',
    'hardware trustedboot get',
    'software sources vib get',
    'storage nfs41 param get',
    'storage vvol vasacontext get',
    'vsan encryption get',
    'vsan health encryption get',
    'vsan iscsi target list',
    'vsan dataprotection cg get',
    'vendor password get',
    'vendor my chap get',
    'vendor credential get',
    'vendor secret get',
    'vendor keypersistence get',
  ])('may be in the output of %s', (command) => {
    expect(secretOfEsxcli(command, [])).toBe(
      `"${command}" may print secrets, so it is no source of metrics; choose another command`,
    );
  });

  it.each([
    'vendor system snmp get',
    'iscsi adapter list',
    'iscsix adapter auth get',
    'network ip interface list',
    'hardware cpu get',
    'vsan cluster get',
    'system settings advanced list',
    'vendor passwordless get',
    'vendor mysecret get',
  ])('is in none of %s', (command) => {
    expect(secretOfEsxcli(command, ['-n', 'vmnic0'])).toBeUndefined();
  });

  it.each([
    'passw',
    'passphrase',
    'secret',
    'community',
    'communities',
    'chap',
    'credential',
    'token',
    'privatekey',
    'sharedkey',
    'licensekey',
    'hash',
    'snmp',
    'stringvalue',
    'commandline',
    'cmdline',
  ])('may be in a column or a setting whose name has %s in it', (word) => {
    expect(isSecretColumn(`The ${word.toUpperCase()}`)).toBe(true);
    expect(secretOfEsxcli('a b get', ['-o', `/My/${word}`])).toBe(
      `"/My/${word}" may be a secret, so it is no source of metrics; choose another one`,
    );
  });

  it.each(['Hashed', 'Pass', 'String', 'Command', 'Key', 'License', 'Commune'])(
    'is in no column %s',
    (name) => {
      expect(isSecretColumn(name)).toBe(false);
    },
  );
});

describe('a typing error in a command of esxcli', () => {
  it('is one for up to two letters, and another command for more', () => {
    expect(likelyEsxcli('system version gt')).toBe('system version get');
    expect(likelyEsxcli('system versn get')).toBe('system version get');
    expect(likelyEsxcli('system vern get')).toBeUndefined();
    expect(likelyEsxcli('')).toBeUndefined();
  });

  it('is in none of the public list, which has get and list as verbs', () => {
    expect(KNOWN_ESXCLI.filter((command) => likelyEsxcli(command) !== undefined)).toEqual([]);
    expect(
      KNOWN_ESXCLI.every((command) => /^[a-z][A-Za-z0-9]*(?: [A-Za-z0-9]+)+ (?:get|list)$/.test(command)),
    ).toBe(true);
    expect(KNOWN_ESXCLI).toContain('device alias get');
    expect(KNOWN_ESXCLI).toContain('device alias list');
    expect(KNOWN_ESXCLI.at(-1)).toBe('vsan storage list');
    expect(KNOWN_ESXCLI).toHaveLength(330);
  });
});
