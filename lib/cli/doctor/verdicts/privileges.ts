import { OF_EVERY_ROLE, type Role } from '../../../collectors/role.ts';
import { green, red, type Verdict, yellow } from './verdict.ts';

/** A privilege, and the collectors that need it. */
export type Needed = ReadonlyMap<string, readonly string[]>;

/**
 * A line for each privilege that the account lacks on the root folder. Without those of every role nothing is seen; without
 * another one its collectors leave out what needs it. What the answer cannot say is said.
 */
export function judgePrivileges(
  needed: Needed,
  {
    held,
    role,
    command,
  }: { held: ReadonlySet<string>; role: Pick<Role, 'byGlobalPermission' | 'groups'>; command: string },
): readonly Verdict[] {
  const lacking = [...needed].filter(([privilege]) => !held.has(privilege));
  if (lacking.length > 0)
    return lacking.map(([privilege, collectors]) => {
      const reason = `the account lacks ${privilege} on the root folder, for ${collectors.join(', ')}. Add it to its role, propagated`;
      return OF_EVERY_ROLE.some((one) => one === privilege) ? red(reason, command) : yellow(reason, command);
    });
  const unseen = [
    ...role.byGlobalPermission.map((collector) => `the global permission for ${collector}`),
    ...role.groups.map(({ group, collectors }) => `the group ${group} for ${collectors.join(', ')}`),
  ];
  const beside = unseen.length === 0 ? '' : `; not checked: ${unseen.join(', ')}`;
  return [green(`the account has all ${needed.size} privileges that its collectors need${beside}`)];
}
