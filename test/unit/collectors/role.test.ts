import { describe, expect, it } from 'vitest';
import type { MetricRow, Privilege } from '../../../lib/catalogue/row.ts';
import { COLLECTORS, findCollector } from '../../../lib/collectors/registry.ts';
import { OF_EVERY_ROLE, roleOf } from '../../../lib/collectors/role.ts';

const KEEP = { endLeftoverSessions: false };
const named = (...names: readonly string[]) => COLLECTORS.filter(({ name }) => names.includes(name));

/** A row of another privilege than those that there are so far. */
function rowOf(privilege: string, source: Partial<MetricRow['source']> = {}): MetricRow {
  const [row] = findCollector('hosts')?.rows ?? [];
  if (row === undefined) throw new Error('the collector hosts has no rows');
  return { ...row, privilege: privilege as Privilege, source: { ...row.source, ...source } };
}

describe('the role of a collector', () => {
  it.each(COLLECTORS)(
    '$name has each privilege that its rows name, and nothing else but what every role has',
    (one) => {
      const { privileges } = roleOf([one], KEEP);
      const isOfRole = (it: string) => it !== 'login by ssh' && !it.startsWith('SystemConfiguration.');
      const ofRows = one.rows.map(({ privilege }) => privilege).filter(isOfRole);
      expect(new Set(privileges)).toEqual(new Set([...OF_EVERY_ROLE, ...ofRows]));
      expect(privileges).toHaveLength(new Set(privileges).size);
    },
  );

  it('has the privilege of a row, of what it aggregates and of what it views; another collector has none of them', () => {
    const licences = { name: 'licences', rows: [rowOf('Global.Licenses')] };
    const profiles = {
      name: 'profiles',
      rows: [rowOf('System.Read', { over: rowOf('StorageProfile.View') })],
    };
    const views = { name: 'views', rows: [rowOf('System.Read', { of: [rowOf('Host.Config.Storage')] })] };
    expect(roleOf([licences], KEEP).privileges).toEqual([...OF_EVERY_ROLE, 'Global.Licenses']);
    expect(roleOf([profiles], KEEP).privileges).toEqual([...OF_EVERY_ROLE, 'StorageProfile.View']);
    expect(roleOf([views], KEEP).privileges).toEqual([...OF_EVERY_ROLE, 'Host.Config.Storage']);
    expect(roleOf([licences, profiles, licences], KEEP).privileges).toEqual([
      ...OF_EVERY_ROLE,
      'Global.Licenses',
      'StorageProfile.View',
    ]);
  });

  it('may end sessions only where leftover sessions are ended', () => {
    expect(roleOf(named('hosts'), KEEP).privileges).toEqual(OF_EVERY_ROLE);
    expect(roleOf(named('hosts'), { endLeftoverSessions: true }).privileges).toEqual([
      ...OF_EVERY_ROLE,
      'Sessions.TerminateSession',
    ]);
  });

  it('says which collectors a permission on the root folder does not reach', () => {
    const { byGlobalPermission, bySsh, groups } = roleOf(COLLECTORS, KEEP);
    expect(byGlobalPermission).toEqual(['tags']);
    expect(bySsh).toEqual(['ssh-services', 'host-checks', 'host-disks', 'host-checks-unseen']);
    expect(groups).toEqual([{ group: 'SystemConfiguration.ReadOnly', collectors: ['appliance'] }]);
    expect(roleOf(named('vcenter'), KEEP).groups).toEqual([]);
  });
});
