import { originOf, pushSection } from './sections.ts';
import { tlsSection, toVcenter } from './targets-from-variables.ts';
import {
  type ConfigFromVariables,
  type Environment,
  lookUp,
  readVariables,
  type Variables,
} from './variables.ts';

/** What its `collect_only` switches, all on by default, and the collectors that have it. */
const COLLECTED: Readonly<Record<string, readonly string[]>> = {
  HOSTS: ['hosts', 'host-hardware', 'host-performance'],
  VMS: ['vms', 'vm-performance'],
  VMGUESTS: ['vm-guests'],
  SNAPSHOTS: ['snapshots'],
  DATASTORES: ['datastores'],
};

/** What vsweep does not have, or does by itself. */
const UNUSED: Readonly<Record<string, string>> = {
  SPECS_SIZE: 'vsweep bounds its requests by itself',
  FETCH_TAGS: 'a tag is a series of its own here; add the collector tags to a sweep',
  FETCH_CUSTOM_ATTRIBUTES:
    'a custom attribute is a series of its own here; add the collector custom-attributes to a sweep',
};

/** Its port, on all addresses, where its scrapes find it. */
const LISTEN = '0.0.0.0:9272';
/** What the relabelling of its README calls the job. */
const JOB = 'vmware_vcenter';

const USER = /^VSPHERE_(?:(\w+)_)?USER$/;

/** The prefixes of its sections: VSPHERE for `default`, VSPHERE_<SECTION> where that has a user. */
function prefixesOf(env: Environment): readonly string[] {
  const sections = Object.keys(env)
    .map((key) => key.toUpperCase())
    .flatMap((key) => (lookUp(env, key) === undefined ? [] : (USER.exec(key)?.[1] ?? [])));
  const hasDefault = ['VSPHERE_HOST', 'VSPHERE_USER'].some((name) => lookUp(env, name) !== undefined);
  return [
    ...(hasDefault ? ['VSPHERE'] : []),
    ...[...new Set(sections)].toSorted().map((name) => `VSPHERE_${name}`),
  ];
}

/** Another program's VSPHERE_USER, such as that of Terraform's provider, names no host by VSPHERE_HOST. */
export const hasVsphereVariables = (env: Environment): boolean =>
  prefixesOf(env).some((prefix) => lookUp(env, `${prefix}_HOST`) !== undefined);

/**
 * What vmware_exporter's environment variables mean, in the words of vsweep.yaml (0.18.4, vmware_exporter.py,
 * `VMWareMetricsResource.configure`). No secret is read.
 */
export function configFromVsphereVariables(
  env: Environment,
): ConfigFromVariables & { readonly raw: VsphereRaw } {
  const variables = readVariables(env);
  const origins = new Map<string, string>([['exporter', 'port 9272']]);
  const sections = onceEach(
    prefixesOf(env).map((prefix) => toSection(prefix, variables)),
    variables,
  );
  for (const [index, { prefix }] of sections.entries()) origins.set(`targets[${index}]`, `${prefix}_HOST`);
  const tls = tlsSection(variables, origins);
  const push = pushSection(variables, origins);
  return {
    raw: {
      targets: sections.map(({ target }) => ({ ...target, ...(tls === undefined ? {} : { tls }) })),
      sweeps: sweepsOver(sections),
      ...(push === undefined ? {} : { push }),
      exporter: { listen: LISTEN },
    },
    issues: variables.issues,
    explain: (issues) =>
      issues.map(({ path, message }) => ({ path: originOf(path, origins) ?? path, message })),
    variables: variables.read(),
  };
}

/** The input of the schema, of which its targets are known. */
interface VsphereRaw extends Readonly<Record<string, unknown>> {
  readonly targets: readonly Section['target'][];
  readonly exporter: { readonly listen: string };
}

interface Section {
  readonly prefix: string;
  readonly target: {
    readonly name: string;
    readonly url?: string;
    readonly credentials: { readonly env: string };
  };
  readonly collectors: readonly string[];
}

/** The first section of each vCenter; a further one is a fault that names both. */
function onceEach(sections: readonly Section[], variables: Variables): readonly Section[] {
  const alike = [...Map.groupBy(sections, ({ target }) => target.name).values()];
  for (const some of alike) {
    if (some.length === 1) continue;
    variables.fault(
      some.map(({ prefix }) => `${prefix}_HOST`).join(', '),
      'name one vCenter; leave one of these sections, or write a vsweep.yaml with targets of different names',
    );
  }
  return alike.flatMap(([first]) => first ?? []);
}

function toSection(prefix: string, variables: Variables): Section {
  const of = (name: string) => `${prefix}_${name}`;
  const written = variables.text(of('HOST'));
  // As its templates have it for a host that each scrape names.
  const host = written === 'None' ? undefined : written;
  if (host === undefined)
    variables.fault(of('HOST'), 'is not set; set the name of the vCenter, which vsweep takes from no scrape');
  for (const name of ['USER', 'PASSWORD'])
    if (variables.text(of(name)) === undefined)
      variables.fault(of(name), 'is not set; set the account for vCenter');
  if (isTrue(of('IGNORE_SSL'), variables, false)) variables.fault(of('IGNORE_SSL'), CERTIFICATES);
  for (const [name, why] of Object.entries(UNUSED)) variables.ignore(of(name), why);
  const chosen = Object.entries(COLLECTED).flatMap(([name, some]) =>
    isTrue(of(`COLLECT_${name}`), variables, true) ? some : [],
  );
  const collectors = isTrue(of('FETCH_ALARMS'), variables, false) ? [...chosen, 'alarms'] : chosen;
  if (collectors.length === 0)
    variables.fault(of('COLLECT_HOSTS'), 'nothing is left to collect; set one of VSPHERE_COLLECT_… to true');
  return { prefix, target: { ...toVcenter(host ?? prefix), credentials: { env: prefix } }, collectors };
}

const CERTIFICATES =
  'vsweep sends no password to a vCenter that it does not know. Remove it, and read the fingerprint: ' +
  'openssl s_client -connect VCENTER:443 </dev/null | openssl x509 -noout -fingerprint -sha256. In a vsweep.yaml, ' +
  'add tls: { sha256: ["<fingerprint>"] } or tls: { ca: <file of its issuer> } to the target. Without one, set ' +
  'VSWEEP_TLS_SHA256 or VSWEEP_TLS_CA (VSWEEP_TLS_INSECURE=1 verifies nothing)';

/** It takes any other word than `true` for false, and so an empty one. */
function isTrue(name: string, variables: Variables, byDefault: boolean): boolean {
  const written = variables.text(name)?.trim().toLowerCase();
  if (written === undefined) return byDefault && !variables.isEmpty(name);
  if (written !== 'true' && written !== 'false') variables.fault(name, 'is neither true nor false');
  return written === 'true';
}

/** One for all targets of which the same is collected. */
function sweepsOver(sections: readonly Section[]) {
  const alike = [...Map.groupBy(sections, ({ collectors }) => collectors.join(' ')).values()];
  return alike.map((some, index) => ({
    name: index === 0 ? 'inventory' : `inventory-${index + 1}`,
    every: '1m',
    job: JOB,
    collectors: some[0]?.collectors,
    ...(alike.length === 1 ? {} : { targets: some.map(({ target }) => target.name) }),
  }));
}
