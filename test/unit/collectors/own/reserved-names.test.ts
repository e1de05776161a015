import { describe, expect, it } from 'vitest';
import { labelsOfKind, whyNoLabel, whyNoName } from '../../../../lib/collectors/own/reserved-names.ts';

describe('the name of an own metric', () => {
  it.each([
    ['esxi_service_state', 'esxi_service_state is a built-in metric; choose another name'],
    ['esxi_ssh_up', 'esxi_ssh_up is a built-in metric; choose another name'],
    ['esxi_pyvim_service_state', 'esxi_pyvim_service_state is a built-in metric; choose another name'],
    ['up', 'up is a built-in metric; choose another name'],
    ['vsweep_a', 'names that begin with vsweep_ are not for own metrics; choose another name'],
    ['process_a', 'names that begin with process_ are not for own metrics; choose another name'],
    ['nodejs_a', 'names that begin with nodejs_ are not for own metrics; choose another name'],
    ['push_a', 'names that begin with push_ are not for own metrics; choose another name'],
    ['ups', undefined],
    ['a_vsweep_', undefined],
    ['vsweeps', undefined],
  ])('is refused where something else has it: %s: %s', (name, why) => {
    expect(whyNoName(name)).toBe(why);
    expect(whyNoName(name, { type: 'gauge' })).toBe(why);
  });

  it('ends in _total where it counts, and only there', () => {
    expect(whyNoName('a_total', { type: 'counter' })).toBeUndefined();
    expect(whyNoName('a_total')).toBe(
      'a name ends in _total only for a counter that grows; leave _total out, or add type: counter',
    );
    expect(whyNoName('a', { type: 'counter' })).toBe(
      'the name of a counter ends in _total; add it, or leave type out',
    );
    expect(whyNoName('a_total_b')).toBeUndefined();
  });
});

describe('a label of an own metric', () => {
  it.each<[string, string | undefined]>([
    ['__a', 'labels that begin with "__" are Prometheus\' own; choose another name'],
    ...['job', 'instance', 'le', 'quantile', 'moid'].map((label): [string, string] => [
      label,
      `the label ${label} is set by vsweep or Prometheus; choose another name`,
    ]),
    ['host', 'each series has the label host already; choose another name'],
    ['_a', undefined],
    ['a__', undefined],
    ['jobs', undefined],
  ])('is refused where something else sets it: %s: %s', (label, why) => {
    expect(whyNoLabel(label, { taken: ['host'] })).toBe(why);
  });

  it('may not be one that the kind has already, which a preset may have none of', () => {
    expect(labelsOfKind('vm', 'vmware_exporter')).toContain('vm_name');
    expect(labelsOfKind('vcenter', 'esxi_exporter')).toBeUndefined();
  });
});
