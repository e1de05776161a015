import { describe, expect, it } from 'vitest';
import { describeTried, linesOf } from '../../../lib/cli/tried.ts';
import {
  adviceOf,
  findItem,
  requireQuestions,
  requireRow,
  requireTarget,
} from '../../../lib/cli/try-choice.ts';
import { CHECKED_COLLECTORS } from '../../../lib/collectors/checked-collectors.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import type { Item } from '../../../lib/inventory/kind.ts';
import { refusal } from '../../support/cli/here.ts';

const loadedFrom = (more = '') => ({
  config: parseConfig(
    `targets:
  - { name: lab, hosts: [{ name: esx9, site: lab }] }
  - { name: vc1, aliases: [vcenter-one], credentials: { env: VC } }
  - { name: vc2, credentials: { env: VC } }
esxi: { credentials: { env: ESXI }, hostKeys: { unknown: refuse } }
sweeps:
  - { name: inventory, every: 5m, collectors: [own], targets: [vc1, vc2] }
  - { name: services, every: 5m, collectors: [ssh-services], targets: [vc2] }
${more}`,
    { file: 'vsweep.yaml', collectors: CHECKED_COLLECTORS },
  ),
});
const OWN = 'own: { own_flag: { property: VirtualMachine runtime.consolidationNeeded } }';
const loaded = loadedFrom(`metrics: { ${OWN} }`);
const own = requireRow('own_flag', loaded);
const service = requireRow('esxi_service_state', loaded);
const target = requireTarget('vc1', own, loaded);
const fault = (message: string, file = 'metrics try') => `${file}: 1 fault\n  ${message}`;

describe('the metric to try', () => {
  it('is a built-in or an own one', () => {
    expect(own).toMatchObject({ name: 'own_flag', isOwn: true, kind: 'vm' });
    expect(requireRow('vmware_host_connected', loaded).name).toBe('vmware_host_connected');
  });

  it('is refused with the names that are near, or with where all names are', async () => {
    expect(await refusal(() => requireRow('own_flog', loaded))).toBe(
      fault('there is no metric own_flog that can be tried; did you mean own_flag?'),
    );
    expect(await refusal(() => requireRow('zzzz', loaded))).toBe(
      fault('there is no metric zzzz that can be tried; vsweep metrics list has all'),
    );
  });
});

describe('the target to try on', () => {
  it.each([
    ['the first with a login', own, undefined, 'vc1'],
    ['the first that a sweep asks for a metric of a command', service, undefined, 'vc2'],
    ['the one of that name', own, 'vc2', 'vc2'],
    ['the one of that alias', own, 'vcenter-one', 'vc1'],
  ])('is %s', (_which, row, name, expected) => {
    expect(requireTarget(name, row, loaded).name).toBe(expected);
  });

  it('is the first with a login where no sweep asks for the metric of a command', () => {
    const { sweeps, ...config } = loaded.config;
    expect(requireTarget(undefined, service, { config: { ...config, sweeps: [] } }).name).toBe('vc1');
  });

  it('is refused where none has a login, or none is called so', async () => {
    const [lab] = loaded.config.targets;
    const alone = { config: { ...loaded.config, targets: lab === undefined ? [] : [lab] } };
    expect(await refusal(() => requireTarget(undefined, own, alone))).toBe(
      fault('no target has credentials'),
    );
    expect(await refusal(() => requireTarget('vc3', own, loaded))).toBe(
      fault('there is no target "vc3"; did you mean "vc1"? Known targets: lab, vc1, vcenter-one, vc2'),
    );
  });

  it('asks hosts by the sweeps that have the metric there', async () => {
    const vc2 = requireTarget('vc2', own, loaded);
    expect(requireQuestions(service, vc2, loaded).map(({ sweep }) => sweep.name)).toEqual(['services']);
    expect(await refusal(() => requireQuestions(service, target, loaded))).toBe(
      fault(
        'esxi_service_state: read from hosts by ssh, and no sweep collects it on vc1; name its collector ("vsweep metrics list" has it) in a sweep of this target',
      ),
    );
  });
});

describe('the object to try', () => {
  const items = ['one', 'two', 'three'].map(
    (name, index) => ({ name, moref: `vm-${index}`, facts: {} }) as unknown as Item,
  );
  const find = (object: string | undefined, only?: object, row = own, of = items) =>
    findItem(of, { row, target, object }, only === undefined ? {} : ({ only } as never));

  it.each([
    ['the first', undefined, undefined, 'one', false],
    ['the first that sweeps take', undefined, { name: ['t*'] }, 'two', false],
    ['the first where sweeps take none', undefined, { name: ['x*'] }, 'one', true],
    ['the one of that name', 'two', undefined, 'two', false],
    ['the one of that id', 'vm-2', undefined, 'three', false],
    ['the one of that name, though sweeps leave it out', 'one', { name: ['t*'] }, 'one', true],
  ])('is %s', (_which, object, only, name, isLeftOut) => {
    expect(find(object, only)).toEqual({ item: expect.objectContaining({ name }), isLeftOut });
  });

  it('is chosen by metrics.only for own metrics alone, and by no tag, which is read of a whole target', () => {
    const builtIn = requireRow('vmware_vm_power_state', loaded);
    expect(find(undefined, { name: ['t*'] }, builtIn)).toMatchObject({
      item: { name: 'one' },
      isLeftOut: false,
    });
    expect(find(undefined, { tag: ['a=b'] })).toMatchObject({ item: { name: 'one' }, isLeftOut: false });
  });

  it('is refused where there is none, or none is called so', async () => {
    expect(await refusal(() => find(undefined, undefined, own, []))).toBe(fault('no vm is there', 'vc1'));
    expect(await refusal(() => find('twp'))).toBe(fault('no vm is called "twp"; did you mean two?', 'vc1'));
    expect(await refusal(() => find('zzzz'))).toBe(fault('no vm is called "zzzz"', 'vc1'));
  });
});

describe('what only the configuration tells of a tried metric', () => {
  const LEFT_OUT = 'metrics.only leaves this object out: sweeps make no series of it';
  const TAGS = 'the tags of metrics.only are not looked at here';
  const tagged = loadedFrom(`metrics: { ${OWN}, only: { tag: [a=b] } }`);
  const some = { series: ['own_flag 1'] };

  it('is that sweeps leave the object out, and that tags are not looked at', () => {
    expect(adviceOf(own, false, some, loaded)).toEqual([]);
    expect(adviceOf(own, true, some, loaded)).toEqual([LEFT_OUT]);
    expect(adviceOf(own, true, some, tagged)).toEqual([LEFT_OUT, TAGS]);
  });

  it('is why there may be no series', () => {
    const counters = loadedFrom(
      'metrics: { own: { own_ready: { counter: VirtualMachine cpu.ready.summation } } }',
    );
    const ready = requireRow('own_ready', counters);
    expect(adviceOf(ready, false, { series: ['own_ready 1'] }, counters)).toEqual([]);
    expect(adviceOf(ready, false, { series: [] }, counters)).toEqual([
      'unit millisecond, summed over 20s; at 20s it is there at any statistics level',
    ]);
  });

  it('is nothing of a built-in metric', () => {
    expect(adviceOf(service, true, { series: [] }, tagged)).toEqual([]);
  });
});

describe('a tried metric', () => {
  const row = { kind: 'vm', help: 'Whether it is so' } as const;
  const tried = { target: 'vc1', object: 'web', moref: 'vm-1', raw: {}, series: [], warnings: [] };

  it('shows what was read, what is made of it, what would be pushed, and warnings', () => {
    expect(
      describeTried(
        {
          ...tried,
          raw: { 'runtime.powerState': 'poweredOn', tags: ['a', 1], long: 'x'.repeat(500) },
          series: ['m{a="b"} 1', 'm{a="c"} 0'],
          warnings: ['first', 'second'],
        },
        row,
      ),
    ).toBe(`vc1: vm web (vm-1)
read:
  runtime.powerState = poweredOn
  tags = ["a",1]
  long = ${'x'.repeat(500)}
made of it: Whether it is so
pushed as:
  m{a="b"} 1
  m{a="c"} 0
warning: first
warning: second`);
  });

  it('says that nothing was read and nothing is made of it', () => {
    expect(describeTried(tried, row)).toBe(
      'vc1: vm web (vm-1)\nread:\n  nothing\nmade of it: Whether it is so\nno series',
    );
  });

  it('shows the beginning of a value of more than 500 characters', () => {
    const lines = describeTried({ ...tried, raw: { long: 'x'.repeat(501) } }, row).split('\n');
    expect(lines[2]).toBe(`  long = ${'x'.repeat(500)} … (501 characters)`);
  });

  it('has series without help and type', () => {
    const definition = { name: 'm', help: 'h', labels: ['a'] };
    const samples = ['x', 'y'].map((a) => ({ metric: 'm', labels: [a], value: 1 }));
    expect(linesOf([{ definition, samples }])).toEqual(['m{a="x"} 1', 'm{a="y"} 1']);
  });
});
