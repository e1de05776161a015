import type { MetricRow, Privilege } from '../catalogue/row.ts';
import type { Collector } from './collector.ts';

/**
 * vCenter adds these to every role that is created (vSphere Web Services API, AuthorizationManager.AddAuthorizationRole).
 * They are the built-in role Read-only, and suffice to log in and to list hosts, which every sweep does.
 */
export const OF_EVERY_ROLE = ['System.Anonymous', 'System.View', 'System.Read'] as const;

/** To list sessions, and to end those that are left over (docs/adr/0012-sessions.md). */
const OF_LEFTOVER_SESSIONS = 'Sessions.TerminateSession';

export type RolePrivilege = Privilege | (typeof OF_EVERY_ROLE)[number] | typeof OF_LEFTOVER_SESSIONS;

/** The least that an account needs on vCenter. */
export interface Role {
  readonly privileges: readonly RolePrivilege[];
  /** The collectors whose objects are not below the root folder. */
  readonly byGlobalPermission: readonly string[];
  /** The collectors that log in to hosts by ssh, which no role on vCenter allows. */
  readonly bySsh: readonly string[];
}

/** What some collectors need, by the privileges that their rows name. */
export function roleOf(
  collectors: readonly Pick<Collector, 'name' | 'rows'>[],
  { endLeftoverSessions }: { endLeftoverSessions: boolean },
): Role {
  const named = (isMeant: (row: MetricRow) => boolean): string[] =>
    collectors.filter(({ rows }) => rows.flatMap(withSources).some(isMeant)).map(({ name }) => name);
  const ofRows = collectors
    .flatMap(({ rows }) => rows.flatMap(withSources))
    .flatMap(({ privilege }) => (privilege === 'login by ssh' ? [] : [privilege]));
  const ofSessions: RolePrivilege[] = endLeftoverSessions ? [OF_LEFTOVER_SESSIONS] : [];
  return {
    privileges: [...new Set<RolePrivilege>([...OF_EVERY_ROLE, ...ofRows.toSorted(), ...ofSessions])],
    byGlobalPermission: named(({ source }) => source.reader.needsGlobalPermission === true),
    bySsh: named(({ privilege }) => privilege === 'login by ssh'),
  };
}

/** A row and those that it is made from, which may be no collector's own. */
const withSources = (row: MetricRow): readonly MetricRow[] => [
  row,
  ...(row.source.over === undefined ? [] : [row.source.over]),
  ...(row.source.of ?? []),
];
