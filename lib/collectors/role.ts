import type { MetricRow, Privilege, SsoGroup } from '../catalogue/row.ts';
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
  /** Groups of single sign-on to be in, and the collectors that need it. */
  readonly groups: readonly { readonly group: SsoGroup; readonly collectors: readonly string[] }[];
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
    .flatMap(({ privilege }) => (isOfRole(privilege) ? [privilege] : []));
  const ofSessions: RolePrivilege[] = endLeftoverSessions ? [OF_LEFTOVER_SESSIONS] : [];
  return {
    privileges: [...new Set<RolePrivilege>([...OF_EVERY_ROLE, ...ofRows.toSorted(), ...ofSessions])],
    groups: GROUPS.flatMap((group) => {
      const members = named(({ privilege }) => privilege === group);
      return members.length === 0 ? [] : [{ group, collectors: members }];
    }),
    byGlobalPermission: named(({ source }) => source.reader.needsGlobalPermission === true),
    bySsh: named(({ privilege }) => privilege === 'login by ssh'),
  };
}

const GROUPS: readonly SsoGroup[] = ['SystemConfiguration.ReadOnly'];

const isOfRole = (privilege: MetricRow['privilege']): privilege is Privilege =>
  privilege !== 'login by ssh' && !GROUPS.some((group) => group === privilege);

/** A row and those that it is made from, which may be no collector's own. */
const withSources = (row: MetricRow): readonly MetricRow[] => [
  row,
  ...(row.source.over === undefined ? [] : [row.source.over]),
  ...(row.source.of ?? []),
];
