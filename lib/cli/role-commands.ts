/** A role to be created, and who gets it on the root folder of a vCenter. */
export interface RoleToCreate {
  readonly name: string;
  readonly principal: string;
  readonly privileges: readonly string[];
  /** Groups of single sign-on that the account has to be in. */
  readonly groups: readonly { readonly group: string }[];
}

/** For any shell of POSIX: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html (2.2.2). */
export const quoteForShell = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** PowerShell takes typographic single quotes for the plain one, and two of any for the character (about_Quoting_Rules). */
export const quoteForPowerShell = (text: string): string => `'${text.replaceAll(/['‘’‚‛]/g, '$&$&')}'`;

/** govmomi's cli/role/create.go, cli/permissions/set.go (without a path: on the root folder) and cli/sso/group/update.go. */
export function govcCommands({ name, principal, privileges, groups }: RoleToCreate): readonly string[] {
  const role = quoteForShell(name);
  return [
    `govc role.create ${[role, ...privileges.map(quoteForShell)].join(' ')}`,
    `govc permissions.set -principal ${quoteForShell(principal)} -role ${role} -propagate=true`,
    ...groups.map(
      ({ group }) =>
        `govc sso.group.update -a ${quoteForShell(userAtDomain(principal))} ${quoteForShell(group)}`,
    ),
  ];
}

/** As single sign-on names `VSPHERE.LOCAL\vsweep` (govmomi's ssoadmin/client.go). */
function userAtDomain(principal: string): string {
  const [domain = '', ...user] = principal.split('\\');
  return `${user.join('\\')}@${domain}`;
}

/** New-VIRole and New-VIPermission; `Get-Folder -NoRecursion` is the root folder. */
export function powerCliCommands({ name, principal, privileges }: RoleToCreate): readonly string[] {
  const role = quoteForPowerShell(name);
  const ids = privileges.map(quoteForPowerShell).join(', ');
  return [
    `New-VIRole -Name ${role} -Privilege (Get-VIPrivilege -Id ${ids})`,
    `New-VIPermission -Entity (Get-Folder -NoRecursion) -Principal ${quoteForPowerShell(principal)} -Role ${role} -Propagate:$true`,
  ];
}
