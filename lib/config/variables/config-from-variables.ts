import { ConfigError, printIssue } from '../errors.ts';
import { parseAtlas, regionOfVcenter } from './atlas-file.ts';
import { chosenCollectors } from './chosen-collectors.ts';
import { configFromVsphereVariables, hasVsphereVariables } from './config-from-vsphere-variables.ts';
import { type OldConfig, parseOldConfig } from './old-config-file.ts';
import { originOf, pushSection } from './sections.ts';
import { type TargetEntry, targetsFromVariables } from './targets-from-variables.ts';
import {
  type ConfigFromVariables,
  type Environment,
  lookUp,
  readVariables,
  type Variables,
} from './variables.ts';

/** The variables that name a file of esxi-exporter's. */
export const FILE_VARIABLES = ['CONFIG_FILE', 'ATLAS_FILE'] as const;
export type FileVariable = (typeof FILE_VARIABLES)[number];

/** The text of a file that a variable names, or why it could not be read. */
export type FileText = { readonly text: string } | { readonly fault: string };

/** Any of these says that esxi-exporter's variables are meant. CONFIG_FILE alone may be another program's. */
const TELLING = ['VCENTER_URL', 'VCENTER_USER', 'VCENTER_MPW', 'ATLAS_FILE', 'ESXI_USER', 'ESXI_PASSWORD'];

const hasEsxiExporters = (env: Environment): boolean =>
  TELLING.some((name) => lookUp(env, name) !== undefined);

export const hasVariables = (env: Environment): boolean => hasEsxiExporters(env) || hasVsphereVariables(env);

/**
 * What the environment variables of esxi-exporter and its files, or those of vmware_exporter, mean in the words of
 * vsweep.yaml. No secret is read: what comes out names the variables that hold one.
 */
export function configFromVariables(
  env: Environment,
  files: ReadonlyMap<FileVariable, FileText>,
): ConfigFromVariables {
  if (!hasVsphereVariables(env)) return configFromEsxiExporter(env, files);
  const found = configFromVsphereVariables(env);
  return hasEsxiExporters(env) ? { ...found, issues: [BOTH, ...found.issues] } : found;
}

const BOTH = {
  path: 'VSPHERE_…, VCENTER_…',
  message:
    'the variables of vmware_exporter and of esxi-exporter are set together; unset those of one, or write a ' +
    'vsweep.yaml with a sweep for each ("vsweep config print" prints the one of the variables that are left)',
};

function configFromEsxiExporter(
  env: Environment,
  files: ReadonlyMap<FileVariable, FileText>,
): ConfigFromVariables {
  const variables = readVariables(env);
  const origins = new Map<string, string>();
  refuseMasterPassword(variables);
  const oldConfig = parseFile('CONFIG_FILE', parseOldConfig, { variables, files });
  const atlas = parseFile('ATLAS_FILE', parseAtlas, { variables, files });
  const collectors = chosenCollectors(variables, oldConfig);
  const targets = targetsFromVariables({ variables, atlas, collectors, origins });
  explainSslVerify(oldConfig, variables);
  const raw = {
    targets,
    esxi: esxiSection({ collectors, oldConfig, variables, origins }),
    sweeps: sweepsOver(targets, collectors),
    netbox: netboxSection(targets, variables, origins),
    push: pushSection(variables, origins),
    exporter: exporterSection(oldConfig, variables, origins),
    blacklist: blacklistSection(variables, origins),
    metrics: variables.flag('VSWEEP_LEGACY_NAMES') ? { legacyNames: true } : undefined,
  };
  return {
    raw: Object.fromEntries(Object.entries(raw).filter(([, section]) => section !== undefined)),
    issues: variables.issues,
    explain: (issues) =>
      issues
        // That there is none was told by what is missing.
        .filter(({ path }) => path !== 'targets')
        .map(({ path, message }) => ({ path: originOf(path, origins) ?? path, message })),
    variables: variables.read(),
  };
}

const MASTER_PASSWORD =
  'vsweep derives no passwords from a master password. Unset it and set VCENTER_PASSWORD; if each vCenter has ' +
  'its own password, write a vsweep.yaml with the credentials of each target';

function refuseMasterPassword(variables: Variables): void {
  if (variables.text('VCENTER_MPW') !== undefined) variables.fault('VCENTER_MPW', MASTER_PASSWORD);
}

/** Undefined when the variable is not set, or its file cannot be used, which is a fault then. */
function parseFile<T>(
  name: FileVariable,
  parse: (text: string, file: string) => T,
  { variables, files }: { variables: Variables; files: ReadonlyMap<FileVariable, FileText> },
): T | undefined {
  const path = variables.text(name);
  const file = files.get(name);
  if (path === undefined || file === undefined) return undefined;
  try {
    if ('text' in file) return parse(file.text, path);
    variables.fault(name, `${path}: ${file.fault}`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const issue of error.issues) variables.fault(name, `${path}: ${printIssue(issue)}`);
  }
  return undefined;
}

/** Its own exporter looked for `verify_ssl`, so what the file says never had an effect. */
function explainSslVerify(oldConfig: OldConfig | undefined, variables: Variables): void {
  if (oldConfig?.ssl_verify !== false && oldConfig?.verify_ssl !== false) return;
  variables.note(
    'CONFIG_FILE: ssl_verify',
    'certificates are verified: set VSWEEP_TLS_SHA256 or VSWEEP_TLS_CA, or VSWEEP_TLS_INSECURE=1 if you must',
  );
}

function esxiSection({
  collectors,
  oldConfig,
  variables,
  origins,
}: {
  collectors: readonly string[];
  oldConfig: OldConfig | undefined;
  variables: Variables;
  origins: Map<string, string>;
}) {
  if (!collectors.includes('ssh-services')) {
    for (const name of ['ESXI_USER', 'ESXI_PASSWORD', 'ESXI_PRIVATE_KEY', 'SSH_WORKERCOUNT'])
      variables.ignore(name, 'no host is asked by ssh');
    return undefined;
  }
  const password = variables.text('ESXI_PASSWORD') ?? variables.text('ESXI_PRIVATE_KEY');
  const unset = 'is not set; set the account for ssh on the hosts, or DISABLE_SSH=1';
  if (variables.text('ESXI_USER') === undefined)
    variables.fault('ESXI_USER', `${unset}. esxi-exporter's first version took root`);
  if (password === undefined) variables.fault('ESXI_PASSWORD', unset);
  const { max_threads: threads, services } = oldConfig?.collectors.critical_service_collector ?? {};
  const workers = variables.integer('SSH_WORKERCOUNT');
  origins.set('esxi.concurrency', workers === undefined ? 'CONFIG_FILE' : 'SSH_WORKERCOUNT');
  origins.set('esxi.services', 'CONFIG_FILE');
  const port = variables.integer('VSWEEP_SSH_PORT');
  origins.set('esxi.port', 'VSWEEP_SSH_PORT');
  return withoutUnset({
    credentials: { env: 'ESXI' },
    // As esxi-exporter did, which looked at no host key at all.
    hostKeys: { unknown: 'trust-first' },
    port,
    services,
    concurrency: workers ?? threads,
  });
}

/** One sweep, as esxi-exporter had one scrape; targets without a vCenter need one of their own. */
function sweepsOver(targets: readonly TargetEntry[], collectors: readonly string[]) {
  const namesOf = (some: readonly TargetEntry[]) => some.map(({ name }) => name);
  const vcenters = targets.filter(({ credentials }) => credentials !== undefined);
  const others = targets.filter(({ credentials }) => credentials === undefined);
  const every = '1m';
  if (others.length === 0) return [{ name: 'services', every, collectors }];
  const hosts = { name: 'hosts', every, collectors: ['ssh-services'], targets: namesOf(others) };
  if (vcenters.length === 0) return [hosts];
  return [{ name: 'services', every, collectors, targets: namesOf(vcenters) }, hosts];
}

/**
 * esxi-exporter asked NetBox without a token, and for the devices of its vCenter's region alone. VSWEEP_TLS_INSECURE
 * holds here as well; pins and issuers are those of the vCenters.
 */
function netboxSection(targets: readonly TargetEntry[], variables: Variables, origins: Map<string, string>) {
  const url = variables.text('NETBOX_URL');
  if (url === undefined) {
    for (const name of ['CASHTIME', 'NETBOX_TOKEN']) variables.ignore(name, 'NETBOX_URL is not set');
    return undefined;
  }
  origins.set('netbox', 'NETBOX_URL').set('netbox.cacheMinutes', 'CASHTIME');
  const regions = targets.map(({ name }) => regionOfVcenter(name));
  const isInsecure = url.startsWith('https:') && variables.flag('VSWEEP_TLS_INSECURE');
  return withoutUnset({
    url,
    token: variables.text('NETBOX_TOKEN') === undefined ? undefined : { env: 'NETBOX' },
    tls: isInsecure ? { insecure: true } : undefined,
    filter: regions.includes(undefined)
      ? undefined
      : { platform: 'vmware-esxi', status: 'active', region: [...new Set(regions)] },
    cacheMinutes: variables.integer('CASHTIME'),
  });
}

const DEFAULT_PORT = 9666;

/** On all addresses, where esxi-exporter's scrapes find it. */
function exporterSection(
  oldConfig: OldConfig | undefined,
  variables: Variables,
  origins: Map<string, string>,
) {
  const own = variables.integer('EXPORTER_PORT');
  const port = own ?? oldConfig?.port ?? DEFAULT_PORT;
  origins.set('exporter', own === undefined ? 'CONFIG_FILE' : 'EXPORTER_PORT');
  return { listen: `0.0.0.0:${port}` };
}

function blacklistSection(variables: Variables, origins: Map<string, string>) {
  const minutes = variables.integer('BLACKLISTTIME');
  origins.set('blacklist', 'BLACKLISTTIME');
  return minutes === undefined ? undefined : { minutes };
}

function withoutUnset<T extends object>(section: T): Partial<T> {
  return Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined)) as Partial<T>;
}
