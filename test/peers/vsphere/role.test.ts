import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { APPLIANCE } from '../../../lib/catalogue/sources/appliance.ts';
import { CALLS, type MethodName } from '../../../lib/catalogue/sources/call.ts';
import { COUNTERS, HISTORICAL_COUNTERS } from '../../../lib/catalogue/sources/counter.ts';
import { CUSTOM_ATTRIBUTES } from '../../../lib/catalogue/sources/custom-attributes.ts';
import { EVENTS } from '../../../lib/catalogue/sources/events.ts';
import { PROBE } from '../../../lib/catalogue/sources/probe.ts';
import { PROPERTIES } from '../../../lib/catalogue/sources/property.ts';
import { TAGS } from '../../../lib/catalogue/sources/tags.ts';
import { VCENTER } from '../../../lib/catalogue/sources/vcenter.ts';
import { VSAN } from '../../../lib/catalogue/sources/vsan.ts';
import { needsOf, type ReaderNeeds } from '../../../lib/collectors/needs.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { roleOf } from '../../../lib/collectors/role.ts';
import { PATHS } from '../../../lib/demo/vcenter/managed-object.ts';
import { OF_METHODS, privilegeOf } from '../../../lib/demo/vcenter/privileges.ts';
import { findKind } from '../../../lib/inventory/kinds.ts';
import { calls } from '../../../lib/readers/calls.ts';
import { describeWithPeers, peerPython } from '../../support/peers/peer-requirements.ts';
import { startVcsim } from '../../support/peers/vcsim.ts';

/** A property path of a type, or a method, of which the API declares a privilege. */
type Asked = { readonly type: string; readonly path: string } | { readonly method: string };

const PYTHON = join(import.meta.dirname, '../python');

async function runPython<Answer>(script: string, input: unknown): Promise<Answer> {
  const running = promisify(execFile)(peerPython, [join(PYTHON, script)], { timeout: 60_000 });
  running.child.stdin?.end(`${JSON.stringify(input)}\n`);
  return JSON.parse((await running).stdout);
}

/** What every sweep does: log in, list what there is, read properties of it. */
const OF_EACH_SWEEP: readonly Asked[] = [
  { type: 'ManagedEntity', path: 'name' },
  { method: 'CurrentTime' },
  { method: 'CreateContainerView' },
  { method: 'RetrievePropertiesEx' },
];
const OF_COUNTERS: readonly Asked[] = [
  { type: 'PerformanceManager', path: 'perfCounter' },
  { method: 'QueryPerf' },
];

/** What each reader reads and calls. Tags and the appliance are not of this API, and probes run on hosts. */
const BY_READER: Readonly<Record<string, (one: ReaderNeeds) => readonly Asked[]>> = {
  [PROPERTIES.name]: ({ kind, needs }) =>
    findKind(kind).types.flatMap((type) => needs.map((path) => ({ type, path: String(path) }))),
  [COUNTERS.name]: () => OF_COUNTERS,
  [HISTORICAL_COUNTERS.name]: () => [
    ...OF_COUNTERS,
    { type: 'PerformanceManager', path: 'historicalInterval' },
    { method: 'QueryOptions' },
  ],
  [CALLS.name]: ({ kind, needs }) => [
    ...needs.map((method) => ({ method: String(method) })),
    ...findKind(kind).types.flatMap((type) =>
      (calls.pathsOf?.(needs as MethodName[]) ?? []).map((path) => ({ type, path })),
    ),
  ],
  [CUSTOM_ATTRIBUTES.name]: () => [
    { type: 'CustomFieldsManager', path: 'field' },
    { type: 'ManagedEntity', path: 'customValue' },
  ],
  [TAGS.name]: () => [],
  [APPLIANCE.name]: () => [],
  [VCENTER.name]: () => [
    { method: 'CurrentTime' },
    { type: 'SessionManager', path: 'sessionList' },
    { type: 'TaskManager', path: 'recentTask' },
    { type: 'Task', path: 'info' },
    { type: 'LicenseManager', path: 'licenses' },
    { type: 'LicenseManager', path: 'evaluation' },
    { type: 'ScheduledTaskManager', path: 'scheduledTask' },
    { type: 'ScheduledTask', path: 'info' },
  ],
  // Another API, which pyVmomi does not have.
  [VSAN.name]: () => [],
  [EVENTS.name]: () => [
    { method: 'CurrentTime' },
    { method: 'CreateCollectorForEvents' },
    { method: 'ReadNextEvents' },
    { method: 'DestroyCollector' },
  ],
  [PROBE.name]: () => [],
};

/** The definitions that the merge names alarms by. */
const OF_ALARMS: readonly Asked[] = [{ method: 'GetAlarm' }, { type: 'Alarm', path: 'info.name' }];
const OF_LEFTOVER_SESSIONS: readonly Asked[] = [
  { type: 'SessionManager', path: 'sessionList' },
  { method: 'TerminateSession' },
];

describeWithPeers(['pyvmomi'], 'the privileges that the vSphere API declares', () => {
  it('are in the role of each collector that reads or calls what needs them', async () => {
    const asked = COLLECTORS.flatMap((one) => {
      const ofReaders = needsOf([one]).flatMap((needs) => {
        const of = BY_READER[needs.reader.name];
        if (of === undefined) throw new Error(`BY_READER lacks what the reader ${needs.reader.name} needs`);
        return of(needs);
      });
      const { privileges } = roleOf([one], { endLeftoverSessions: false });
      const all = [...OF_EACH_SWEEP, ...ofReaders, ...(one.name === 'alarms' ? OF_ALARMS : [])];
      return all.map((what) => ({ name: one.name, what, privileges }));
    });
    const declared = await runPython<string[][]>(
      'print_privileges.py',
      asked.map(({ what }) => what),
    );
    expect(declared).toHaveLength(asked.length);
    const lacking = asked.flatMap(({ name, what, privileges }, index) =>
      (declared[index] ?? [])
        .filter((needed) => !privileges.some((one) => one === needed))
        .map((needed) => ({ name, what, needed })),
    );
    expect(lacking).toEqual([]);
  });

  it('are those that rows over properties name', async () => {
    const rows = COLLECTORS.flatMap((one) => one.rows.flatMap((row) => row.source.over ?? row)).filter(
      ({ source }) => source.reader === PROPERTIES,
    );
    const asked = rows.flatMap((row) =>
      findKind(row.kind).types.flatMap((type) =>
        row.source.needs.map((path) => ({ row, what: { type, path: String(path) } })),
      ),
    );
    const declared = await runPython<string[][]>(
      'print_privileges.py',
      asked.map(({ what }) => what),
    );
    const of = Map.groupBy(
      asked.map(({ row }, index) => ({ row, privileges: declared[index] ?? [] })),
      ({ row }) => row,
    );
    const wrong = Array.from(of, ([{ name, privilege }, all]) => {
      const needed = new Set(all.flatMap(({ privileges }) => privileges));
      return [name, privilege, needed.has('System.Read') ? 'System.Read' : [...needed].join()] as const;
    }).filter(([, named, needed]) => named !== needed);
    expect(wrong).toEqual([]);
  });

  it('are those that the simulated vCenter enforces', async () => {
    // What pyVmomi does not know the privilege of.
    const { LicenseManager: _, ...known } = PATHS;
    const properties = Object.entries(known).flatMap(([type, paths]) =>
      paths.map((path) => ({ type, path })),
    );
    const methods = Object.keys(OF_METHODS).map((method) => ({ method }));
    const declared = await runPython<string[][]>('print_privileges.py', [...properties, ...methods]);
    expect([
      ...properties.map(({ type, path }) => [privilegeOf(type, path)]),
      ...Object.values(OF_METHODS).map((privilege) => [privilege]),
    ]).toEqual(declared);
  });

  it('are Sessions.TerminateSession where leftover sessions are listed and ended, and only there', async () => {
    const declared = await runPython<string[][]>('print_privileges.py', OF_LEFTOVER_SESSIONS);
    const { privileges } = roleOf([], { endLeftoverSessions: true });
    const { privileges: without } = roleOf([], { endLeftoverSessions: false });
    expect(declared.flat()).toEqual(['Sessions.TerminateSession', 'Sessions.TerminateSession']);
    expect(privileges.filter((one) => !without.includes(one))).toEqual(['Sessions.TerminateSession']);
  });
});

/** vcsim keeps roles and permissions, but refuses nobody anything: whether a role suffices it cannot show. */
describeWithPeers(['vcsim', 'pyvmomi'], 'a role of vsweep on vcsim', () => {
  it('is created with exactly its privileges, and given to the account on the root folder', async () => {
    await using vcsim = await startVcsim({ hostsPerCluster: 1 });
    const { port, user, password } = vcsim;
    const { privileges } = roleOf(COLLECTORS, { endLeftoverSessions: true });
    const principal = String.raw`VSPHERE.LOCAL\vsweep`;
    const asked = { host: '127.0.0.1', port, user, password, name: 'vsweep', principal, privileges };
    const created = await runPython<{ privileges: string[]; principals: string[] }>('create_role.py', asked);
    expect(created.privileges.toSorted()).toEqual(privileges.toSorted());
    expect(created.principals).toEqual([principal]);
  }, 120_000);
});
