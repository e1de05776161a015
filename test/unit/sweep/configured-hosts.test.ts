import { describe, expect, it } from 'vitest';
import { configuredList, sitesOf } from '../../../lib/sweep/listing/configured-hosts.ts';
import { storedHostList } from '../../../lib/sweep/listing/host-list.ts';
import { planHosts } from '../../../lib/sweep/plan/plan-hosts.ts';
import { sshPlan } from './builders.ts';

const HOSTS = [
  { name: 'node001.cc.qa-de-1.cloud.sap', site: 'qa-de-1a' },
  { name: 'node002', site: 'qa-de-1b' },
  { name: 'node003.one.example', site: 'one' },
  { name: 'node003.two.example', site: 'two' },
  { name: '10.0.0.7', site: 'by-address' },
  { name: 'node004' },
];

describe('configuredList', () => {
  it('has each host once, in a form that is kept and planned as one of vCenter', () => {
    const list = configuredList({ hosts: [...HOSTS, { name: 'node002', site: 'again' }] }, 5);
    expect(list?.hosts.map(({ name }) => name)).toEqual(HOSTS.map(({ name }) => name));
    const { hosts, unreadable } = list ?? { hosts: [], unreadable: ['none'] };
    expect(storedHostList.parse(JSON.parse(JSON.stringify({ hosts, unreadable })))).toEqual({
      hosts,
      unreadable,
      sites: {},
    });
    const planned = planHosts(hosts, { siteOf: sitesOf({ site: '', hosts: HOSTS }), ssh: sshPlan() });
    expect(planned.map(({ name, address, site, ssh }) => [name, address, site, ssh])).toContainEqual([
      'node001.cc.qa-de-1.cloud.sap',
      'node001.cc.qa-de-1.cloud.sap',
      'qa-de-1a',
      'try',
    ]);
  });

  it('is none for a target that lists no host', () => {
    expect(configuredList({}, 5)).toBeUndefined();
  });
});

describe('sitesOf', () => {
  const siteOf = sitesOf({ site: 'of-the-target', hosts: HOSTS });

  it.each([
    ['by its full name', 'NODE001.cc.qa-de-1.cloud.sap', 'qa-de-1a'],
    ['by its name without the domain', 'node001', 'qa-de-1a'],
    ['although only vCenter has the domain', 'node002.example.org', 'qa-de-1b'],
    ['by the full name where the short one is not unique', 'node003.two.example', 'two'],
    ['as that of the target where the name is not unique', 'node003.three.example', 'of-the-target'],
    ['by its address', '10.0.0.7', 'by-address'],
    ['as that of the target for another address of the same net', '10.0.0.8', 'of-the-target'],
    ['as that of the target where its entry has none', 'node004', 'of-the-target'],
    ['as that of the target where it has no entry', 'node005', 'of-the-target'],
  ])('is found %s', (_how, name, site) => {
    expect(siteOf(name)).toBe(site);
  });
});
