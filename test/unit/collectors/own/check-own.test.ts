import { describe, expect, it } from 'vitest';
import { definitionOf } from '../../../../lib/catalogue/row.ts';
import { PROCESS_METRICS } from '../../../../lib/cli/process-metrics.ts';
import { adviseOwn } from '../../../../lib/collectors/own/advise-own.ts';
import { compileOwn } from '../../../../lib/collectors/own/compile-own.ts';
import { splitOwn } from '../../../../lib/collectors/own/own-kind.ts';
import { ownPaths } from '../../../../lib/collectors/own/own-schema.ts';
import { whyNoName } from '../../../../lib/collectors/own/reserved-names.ts';
import { SELF_METRICS } from '../../../../lib/sweep/result/self-metrics.ts';
import { enumWords } from '../../../../lib/vsphere/vim25/enum-words.ts';
import { resolvePath } from '../../../../lib/vsphere/vim25/resolve-path.ts';
import { loadVim25 } from '../../../../lib/vsphere/vim25/vim25.ts';
import { configWith, faultsIn } from './own-configs.ts';

const one = (metric: string) =>
  faultsIn(`own: { vmware_own: ${metric} }`).filter((fault) => fault.startsWith('own.'));

const ofHost = (metric: string) =>
  faultsIn(`own: { esxi_own: ${metric.replace(/ }$/, ', every: 15m }')} }`, {
    esxi: { credentials: { env: 'ESXI' } },
  }).filter((fault) => fault.startsWith('own.esxi_own'));

describe('the check of a metric by ssh', () => {
  it.each([
    '{ ssh: [wc, -l, /var/run/log/hostd.log], scale: 2 }',
    '{ ssh: [grep, -c, -E, APD, /var/log/vmkernel.log] }',
    '{ ssh: [date, "+%s"] }',
    '{ ssh: [readlink, -f, /scratch], test: { matches: "^/tmp" } }',
    '{ ssh: [ls, -1, /var/core], count: zdump }',
  ])('accepts %s', (metric) => {
    expect(ofHost(metric)).toEqual([]);
  });

  it.each(['readlink, -f, /scratch', 'vmware, -v', 'tail, -n, "1", /var/run/log/a.log'])(
    'refuses a text as the value: %s',
    (ssh) => {
      const fault = /^own\.esxi_own\.ssh: what \w+ prints is a text.*; add test: .*count: /;
      expect(ofHost(`{ ssh: [${ssh}] }`)).toEqual([expect.stringMatching(fault)]);
    },
  );

  it('refuses unset, because no command prints nothing where it prints a number', () => {
    expect(ofHost('{ ssh: [date, "+%s"], unset: 0 }')).toEqual([
      'own.esxi_own.unset: does not go with ssh; leave it out',
    ]);
  });
});

describe('the advice on an own metric of a counter', () => {
  const advice = (counter: string) => {
    const named = { name: 'vmware_own', metric: { counter }, preset: 'vmware_exporter' } as const;
    const row = compileOwn(named);
    if (row === undefined) throw new RangeError('no row');
    return adviseOwn(named, row).join('; ');
  };

  it.each([
    ['Datastore cpu.ready.summation', 'counters of datastore, disk for a Datastore, and none of cpu'],
    [
      'ResourcePool virtualDisk.read.average',
      'counters of cpu, mem for a ResourcePool, and none of virtualDisk',
    ],
    ['VirtualMachine vmop.numPoweron.latest', 'and none of vmop'],
  ])('says that %s is no counter that vSphere documents there', (counter, said) => {
    expect(advice(counter)).toContain(said);
    expect(one(`{ counter: ${counter} }`)).toEqual([]);
  });

  it.each([
    'VirtualMachine cpu.ready.summation',
    'HostSystem storageAdapter.read.average',
    'Datastore disk.used.latest',
    'ClusterComputeResource vmop.numPoweron.latest',
  ])('says nothing of the kind of %s', (counter) => {
    expect(advice(counter)).not.toContain('vSphere documents');
  });
});

describe('the check of an own counter', () => {
  const METRIC = '{ property: VirtualMachine summary.quickStats.uptimeSeconds, type: counter }';

  it('takes a number that grows, under a name in _total, and has it as a counter', () => {
    expect(faultsIn(`own: { vmware_own_total: ${METRIC} }`)).toEqual([]);
    const [type, property] = ['counter', 'VirtualMachine summary.quickStats.uptimeSeconds'] as const;
    const row = compileOwn({ name: 'x_total', metric: { property, type }, preset: 'vmware_exporter' });
    expect(row && definitionOf(row).type).toBe('counter');
  });

  it.each([
    ['vmware_own', METRIC, 'the name of a counter ends in _total; add it, or leave type out'],
    [
      'vmware_own_total',
      METRIC.replace(', type: counter', ''),
      'a name ends in _total only for a counter that grows; leave _total out, or add type: counter',
    ],
    [
      'vmware_own_total',
      METRIC.replace('type', 'test: { above: 1 }, type'),
      'a counter is a number that grows, and test makes none; leave type out',
    ],
    [
      'vmware_own_total',
      '{ counter: VirtualMachine cpu.ready.summation, type: counter }',
      'does not go with counter; leave it out',
    ],
  ])('refuses %s: %s', (name, metric, message) => {
    expect(faultsIn(`own: { ${name}: ${metric} }`)).toEqual([expect.stringContaining(message)]);
  });
});

describe('the check of own metrics', () => {
  it.each([
    '{ property: VirtualMachine runtime.consolidationNeeded }',
    '{ property: HostSystem config.lockdownMode, states: [lockdownDisabled, lockdownNormal, lockdownStrict] }',
    `{ property: 'HostSystem config.option["Syslog.global.logHost"].value', test: { matches: ".+" } }`,
    `{ property: 'HostSystem config.option["Net.DVSLargeHeapMaxSize"].value', test: { below: 256 } }`,
    '{ each: HostSystem config.network.pnic, value: linkSpeed.speedMb, unset: 0, labels: { nic: device, driver: driver }, max: 16 }',
    '{ each: VirtualMachine config.hardware.device, value: capacityInKB, scale: 1024, labels: { disk: deviceInfo.label } }',
    '{ each: HostSystem config.network.pnic, value: 1, labels: { nic: device } }',
    '{ each: HostSystem config.network.pnic, value: 1, labels: { state: device } }',
    '{ each: HostSystem config.dateTimeInfo.ntpConfig.server, value: 1, labels: { server: . } }',
    '{ property: ClusterComputeResource summary.drsScore }',
    '{ property: VirtualMachine snapshot.rootSnapshotList }',
    '{ property: HostSystem runtime.bootTime, labels: { version: config.product.version } }',
    '{ property: Datastore summary.freeSpace, divide: summary.capacity }',
    '{ property: VirtualMachine runtime.host, test: { equals: host-9 } }',
    '{ counter: VirtualMachine cpu.ready.summation, scale: 1/20000 }',
    '{ counter: VirtualMachine virtualDisk.totalReadLatency.average, instances: { label: disk, keep: "scsi*" } }',
    '{ counter: Datastore disk.used.latest }',
    '{ counter: HostSystem a.newer.percent.average }',
  ])('accepts %s', (metric) => {
    expect(one(metric)).toEqual([]);
  });

  it.each([
    '{ esxcli: system visorfs ramdisk list, each: true, value: Used }',
    '{ ssh: [readlink, -f, /bootbank], test: { matches: ^/tmp } }',
  ])('refuses %s without a section for ssh', (metric) => {
    const [source] = /(?<=\{ )\w+/.exec(metric) ?? [];
    expect(one(metric)).toEqual([
      `own.vmware_own.${source}: asks hosts by ssh, but there is no section "esxi"; add one with credentials`,
    ]);
  });

  it.each([
    'VirtualMachine config.extraConfig',
    'VirtualMachine config.vAppConfig.property',
    'VirtualMachine summary.config.annotation',
    'HostSystem config.ipmi.password',
    'HostSystem config.option["Foo.password"].value',
    'HostSystem config.option["UserVars.HostClientPassword"].value',
    'HostSystem config.option["Net.sharedKey"].value',
  ])('refuses what may hold a secret: %s', (path) => {
    expect(one(`{ property: '${path}', test: { matches: a } }`)).toEqual([
      expect.stringMatching(/may hold secrets, which are neither metrics nor labels; leave it out$/),
    ]);
    const [type, what] = path.split(' ');
    expect(one(`{ property: ${type} name, test: { matches: a }, labels: { a: '${what}' } }`)).toEqual([
      expect.stringMatching(/^own\.vmware_own\.labels\.a: .*may hold secrets/),
    ]);
  });

  it('knows the words of each enumeration that a path of the editor ends in', () => {
    const enums = ownPaths().properties.flatMap((path) => {
      const { type, what } = splitOwn(path);
      const found = resolvePath(type, what)?.type ?? '';
      return loadVim25().type(found)?.kind === 'enumeration' ? [found] : [];
    });
    expect(enums).toContain('HostLockdownMode');
    expect(enums.filter((type) => enumWords(type) === undefined)).toEqual([]);
  });

  it('refuses values of settings as labels, and takes them as values', () => {
    const refused = [expect.stringMatching(/^own\.vmware_own\.labels\.v: is the value of a setting/)];
    const setting = 'config.option["Syslog.global.logHost"].value';
    expect(one(`{ property: HostSystem name, test: { matches: a }, labels: { v: '${setting}' } }`)).toEqual(
      refused,
    );
    expect(one('{ each: HostSystem config.option, value: 1, labels: { v: value } }')).toEqual(refused);
    expect(one('{ each: HostSystem config.option, value: 1, labels: { v: key } }')).toEqual([]);
    expect(one(`{ property: '${`HostSystem ${setting}`}', test: { matches: a } }`)).toEqual([]);
    const rule = 'HostSystem config.option["Security.PasswordMaxDays"].value';
    expect(one(`{ property: '${rule}' }`)).toEqual([]);
  });

  it('refuses a secret inside of an element', () => {
    const metric =
      '{ each: VirtualMachine config.hardware.device, value: 1, labels: { a: backing.password } }';
    expect(one(metric)).toEqual([expect.stringMatching(/password may hold secrets/)]);
  });

  it('finds every fault at once, those of the shape of one field beside those of another', () => {
    const faults = faultsIn(`
      own:
        esxi_host_online: { property: HostSystem runtime.connectionStat, scael: 3 }
        vmware_vm_num_cpu: { property: VirtualMachine summary.config.numCpu }
        vmware_a: { property: HostSystem name, max: none }
        1st: { property: HostSystem runtime.bootTime }
    `);
    expect(faults).toEqual([
      expect.stringMatching(/^own\.esxi_host_online: "scael" is unknown; did you mean "scale"\?/),
      expect.stringMatching(/^own\.vmware_a\.max: /),
      expect.stringMatching(/^own\.1st: is no name of a metric; write a name of .*digits and "_"/),
      expect.stringMatching(/^own\.esxi_host_online\.property: .*did you mean runtime\.connectionState\?/),
      'own.vmware_vm_num_cpu: vmware_vm_num_cpu is a built-in metric; choose another name',
      expect.stringMatching(/^own\.vmware_a\.property: is a string, and a text is never a value/),
    ]);
  });

  it('says that there are several sources, also beside a field of another shape, and of none only where all is well formed', () => {
    const exactly = 'write exactly one of property, each, counter, esxcli, ssh';
    expect(one('{ property: HostSystem name, counter: HostSystem a.b, max: none }')).toEqual([
      expect.stringMatching(/^own\.vmware_own\.max: /),
      `own.vmware_own: ${exactly}; there are property and counter`,
    ]);
    expect(one('{ property: 3 }')).toEqual([expect.stringMatching(/^own\.vmware_own\.property: /)]);
    expect(one('{ help: x }')).toEqual([`own.vmware_own: ${exactly}`]);
  });

  it('names three metrics that no sweep collects, and that there are more', () => {
    const sweeps = [{ name: 'inventory', every: '5m', collectors: ['hosts'] }];
    const metrics = (...names: string[]) =>
      `own: { ${names.map((name) => `${name}: { property: HostSystem runtime.bootTime }`).join(', ')} }`;
    const told = (names: string) => [
      `own: no sweep collects ${names}; add own to the collectors of a sweep, or write every: 15m at the metric`,
    ];
    expect(faultsIn(metrics('own_a', 'own_b', 'own_c'), { sweeps })).toEqual(told('own_a, own_b, own_c'));
    expect(faultsIn(metrics('own_a', 'own_b', 'own_c', 'own_d'), { sweeps })).toEqual(
      told('own_a, own_b, own_c …'),
    );
  });

  const counterFault = (name: string) => one(`{ counter: HostSystem ${name} }`);
  it.each(['a.b.c.d', 'A1_b.c.d.e', 'a.b.c.d.e.f.g', 'cpu.usage.average'])('takes the counter %s', (name) => {
    expect(counterFault(name)).toEqual([]);
  });

  it.each(['a.b.c', 'a.b.c.d.e.f.g.h', '1a.b.c.d', 'a-b.c.d.e', 'a.b.c.d.', '.a.b.c.d', 'x a.b.c.d'])(
    'refuses the counter %s, and says how a newer one is written',
    (name) => {
      expect(counterFault(name)).toEqual([
        expect.stringMatching(
          /^own\.vmware_own\.counter: there is no counter .* A newer one is written with its unit, as cpu\.ready\.millisecond\.summation$/,
        ),
      ]);
    },
  );

  it('refuses the name of every metric that vsweep has of itself', () => {
    for (const { name } of [...SELF_METRICS, ...PROCESS_METRICS]) expect(whyNoName(name), name).toBeDefined();
    expect(whyNoName('push_time_seconds')).toBeDefined();
    expect(whyNoName('vmware_own_total')).toMatch(/_total/);
    expect(whyNoName('vmware_own')).toBeUndefined();
  });

  it('refuses a metric that no sweep collects, and a sweep that collects none', () => {
    const sweeps = [{ name: 'inventory', every: '5m', collectors: ['hosts'] }];
    const metric = 'own: { vmware_own: { property: HostSystem runtime.bootTime } }';
    expect(faultsIn(metric, { sweeps })).toEqual([
      'own: no sweep collects vmware_own; add own to the collectors of a sweep, or write every: 15m at the metric',
    ]);
    expect(faultsIn('own: {}')).toEqual([
      'sweeps[0].collectors[0]: there is no metric without "every" in metrics.own; leave own out, or write one',
    ]);
  });

  it('makes a sweep of the metrics with an interval of their own, over the targets that can be asked', () => {
    const metrics = `
      own:
        vmware_a: { property: HostSystem runtime.bootTime, every: 15m }
        vmware_b: { property: HostSystem runtime.inMaintenanceMode, every: 15m }
        vmware_c: { property: HostSystem runtime.inMaintenanceMode }
    `;
    const config = configWith(metrics, {
      targets: [
        { name: 'vc01.example.org', credentials: { env: 'VC' } },
        { name: 'hosts', hosts: [{ name: 'esx01' }] },
      ],
      sweeps: [{ name: 'inventory', every: '5m', collectors: ['own'], targets: ['vc01.example.org'] }],
    });
    expect(
      config.sweeps.map(({ name, everyMs, job, targets, own }) => ({
        name,
        everyMs,
        job,
        targets,
        metrics: Object.keys(own?.metrics ?? {}),
      })),
    ).toEqual([
      {
        name: 'inventory',
        everyMs: 300_000,
        job: 'vsweep_inventory',
        targets: ['vc01.example.org'],
        metrics: ['vmware_c'],
      },
      {
        name: 'own-15m',
        everyMs: 900_000,
        job: 'vsweep_own-15m',
        targets: ['vc01.example.org'],
        metrics: ['vmware_a', 'vmware_b'],
      },
    ]);
    const sweeps = [{ name: 'own-15m', every: '5m', collectors: ['own'] }];
    expect(faultsIn(metrics, { sweeps })).toEqual([
      'sweeps[0].name: "own-15m" is the sweep of own metrics with that interval; choose another name',
    ]);
    const jobs = [{ name: 'mine', every: '5m', collectors: ['own'], job: 'vsweep_own-15m' }];
    expect(faultsIn(metrics, { sweeps: jobs })).toEqual([
      'sweeps[0].job: "vsweep_own-15m" is the job of the sweep of own metrics with that interval; choose another',
    ]);
    // Not the job of that sweep, whose name it has.
    expect(faultsIn(metrics, { sweeps: [{ ...jobs[0], job: 'own-15m' }] })).toEqual([]);
    const targets = [{ name: 'hosts', hosts: [{ name: 'esx01' }] }];
    const hosts = [{ name: 'services', every: '5m', collectors: ['ssh-services'] }];
    const esxi = { credentials: { env: 'ESXI' } };
    const only = 'own: { vmware_a: { property: HostSystem runtime.bootTime, every: 15m } }';
    expect(faultsIn(only, { targets, sweeps: hosts, esxi })).toEqual([
      'own.vmware_a: asks vCenter, but no target has credentials; give one some',
    ]);
    for (const command of ['ssh: [date, "+%s"]', 'esxcli: system ntp get, value: Port'])
      expect(
        faultsIn(`own: { esxi_a: { ${command}, every: 15m } }`, { targets, sweeps: hosts, esxi }),
      ).toEqual([]);
  });
});

describe('a path through an array', () => {
  it.each([
    ['config.network.pnic.device', 'config.network.pnic'],
    ['config.network.pnic.linkSpeed.speedMb', 'config.network.pnic'],
  ])('is answered with the array to write each of: %s', (path, array) => {
    expect(one(`{ property: HostSystem ${path} }`)).toEqual([
      expect.stringContaining(`; or write each: HostSystem ${array}`),
    ]);
  });
});

describe('a sweep without a name', () => {
  it('is not taken for that of own metrics with an interval, of which there may be none', () => {
    const own = 'own: { vmware_own: { property: VirtualMachine runtime.consolidationNeeded } }';
    const faults = faultsIn(own, { sweeps: [{ every: '5m', collectors: ['own'] }] });
    expect(faults.filter((fault) => fault.includes('the sweep of own metrics'))).toEqual([]);
  });
});
