import type { Collector } from '../collectors/collector.ts';
import { COLLECTORS, findCollector } from '../collectors/registry.ts';
import { OF_EVERY_ROLE, type Role, roleOf } from '../collectors/role.ts';
import { targetsOfSweep } from '../config/cross-checks.ts';
import { ConfigError } from '../config/errors.ts';
import { OWN_COLLECTOR } from '../config/own-sweeps.ts';
import type { Config } from '../config/schema.ts';
import { nearestName } from '../platform/nearest-name.ts';
import { collectorsOf } from '../sweep/plan/target-settings.ts';
import { loadConfig } from './load-config.ts';
import { govcCommands, powerCliCommands } from './role-commands.ts';
import { print } from './terminal.ts';

/** Targets whose account needs the same, and what it is needed for. */
interface RoleOfTargets extends Role {
  /** None where collectors were named on the command line. */
  readonly targets: readonly string[];
  readonly collectors: readonly string[];
}

/** `vsweep role`: the least privileges of configured or named collectors, as commands that create the role. */
export async function roleCommand(options: {
  config: string;
  collectors?: readonly string[];
  name: string;
  principal: string;
  json: boolean;
}): Promise<number> {
  const roles =
    options.collectors === undefined
      ? rolesOf((await loadConfig(options.config, process.env)).config)
      : [roleOfCollectors(options.collectors)];
  const answers = roles.map((role) => {
    const toCreate = { ...options, privileges: role.privileges, groups: role.groups };
    return { ...role, govc: govcCommands(toCreate), powerCli: powerCliCommands(toCreate) };
  });
  if (options.json) print(JSON.stringify(answers, undefined, 2));
  else if (answers.length === 0) print('# No sweep logs in to a vCenter: no role is needed.');
  else print(answers.map((one) => describeRole(one, options.name)).join('\n\n'));
  return 0;
}

/** Of what is named on the command line. Throws ConfigError for a name that no collector has. */
function roleOfCollectors(names: readonly string[]): RoleOfTargets {
  const known = COLLECTORS.map(({ name }) => name);
  const unknown = names.filter((name) => findCollector(name) === undefined);
  if (names.length === 0 || unknown.length > 0) {
    const what =
      names.length === 0
        ? 'names no collector'
        : `unknown: ${unknown.map((name) => withNearest(name, known)).join(', ')}`;
    throw new ConfigError('the command line', [
      { path: '--collectors', message: `${what}; name any of ${known.join(', ')}` },
    ]);
  }
  const collectors = COLLECTORS.filter(({ name }) => names.includes(name));
  return {
    targets: [],
    collectors: collectors.map(({ name }) => name),
    ...roleOf(collectors, { endLeftoverSessions: false }),
  };
}

function withNearest(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? name : `${name} (did you mean ${nearest}?)`;
}

/** Of every vCenter that a sweep logs in to; those that need the same are one. */
function rolesOf(config: Config): readonly RoleOfTargets[] {
  const ofTargets = config.targets.flatMap((target) => {
    const swept = config.sweeps
      .filter((sweep) => targetsOfSweep(sweep, config).includes(target))
      .flatMap(collectorsOf);
    if (target.credentials === undefined || swept.length === 0) return [];
    const collectors = inOrder(swept);
    return [{ target, collectors, role: roleOf(collectors, target) }];
  });
  const groups = Map.groupBy(ofTargets, ({ role }) => JSON.stringify(role));
  return Array.from(groups.values(), (same) => {
    const collectors = inOrder(same.flatMap((other) => other.collectors));
    const endLeftoverSessions = same.some(({ target }) => target.endLeftoverSessions);
    return {
      targets: same.map(({ target }) => target.name),
      collectors: collectors.map(({ name }) => name),
      ...roleOf(collectors, { endLeftoverSessions }),
    };
  });
}

/** Those of the registry, and own metrics of all sweeps as one, each once. */
function inOrder(collectors: readonly Collector[]): Collector[] {
  const own = new Set(collectors.filter(({ name }) => name === OWN_COLLECTOR));
  const rows = Array.from(own).flatMap((one) => one.rows);
  return [
    ...COLLECTORS.filter((one) => collectors.includes(one)),
    ...(own.size === 0 ? [] : [{ name: OWN_COLLECTOR, rows, metrics: [] }]),
  ];
}

/** Ready to be pasted: what is no command is a comment, in shells and in PowerShell. */
function describeRole(
  role: RoleOfTargets & { govc: readonly string[]; powerCli: readonly string[] },
  name: string,
): string {
  const { targets, collectors, privileges, groups, byGlobalPermission, bySsh } = role;
  const isReadOnly = privileges.length === OF_EVERY_ROLE.length;
  return [
    `# Role ${name}${targets.length === 0 ? '' : ` on ${targets.join(', ')}`}`,
    `# Collectors: ${collectors.join(', ')}`,
    `# Privileges: ${privileges.join(', ')}`,
    ...(isReadOnly ? ['# The built-in role Read-only has the same privileges and can be used instead.'] : []),
    ...(byGlobalPermission.length === 0
      ? []
      : [
          `# ${byGlobalPermission.join(', ')}: also give the account this role in Administration > Global Permissions.`,
        ]),
    ...groups.map(
      (one) =>
        `# ${one.collectors.join(', ')}: also add the account to the single sign-on group ${one.group} (govc does it below).`,
    ),
    ...(bySsh.length === 0
      ? []
      : [`# ${bySsh.join(', ')}: also needs an account on each host (docs/deploy.md, section 3).`]),
    '',
    '# govc, with GOVC_URL, GOVC_USERNAME and GOVC_PASSWORD of an administrator:',
    ...role.govc,
    '',
    '# PowerCLI, after Connect-VIServer as an administrator:',
    ...role.powerCli,
  ].join('\n');
}
