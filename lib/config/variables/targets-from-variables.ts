import { toSdkUrl } from '../sdk-url.ts';
import { splitPins } from '../tls-pins.ts';
import { type Atlas, type AtlasHost, siteOfVcenter } from './atlas-file.ts';
import type { Variables } from './variables.ts';

/** A target as the schema reads it. */
export interface TargetEntry {
  readonly name: string;
  readonly url?: string;
  readonly site?: string;
  readonly credentials?: { readonly env: string };
  readonly tls?: object;
  readonly hosts?: readonly AtlasHost[];
}

type VcenterEntry = TargetEntry & { readonly site: string };

interface Sources {
  readonly variables: Variables;
  readonly atlas: Atlas | undefined;
  readonly collectors: readonly string[];
  /** Gets the variables that the values came from, by their path. */
  readonly origins: Map<string, string>;
}

/**
 * The vCenters of ATLAS_FILE, else the one of VCENTER_URL, each with the hosts that ATLAS_FILE has of its site. Hosts
 * without a vCenter, or without an account for it, become targets that are asked by ssh only.
 */
export function targetsFromVariables({ variables, atlas, collectors, origins }: Sources): TargetEntry[] {
  const vcenters = vcentersOf(variables, atlas);
  origins.set('targets', (atlas?.vcenters ?? []).length > 0 ? 'ATLAS_FILE' : 'VCENTER_URL');
  const hosts = collectors.includes('ssh-services') ? (atlas?.hosts ?? []) : [];
  const hasAccount = checkAccount(variables, {
    needed: collectors.some((name) => name !== 'ssh-services') || hosts.length === 0,
  });
  if (vcenters.length === 0 && hosts.length === 0) faultNothing(variables, atlas);
  const tls = tlsSection(variables, origins);
  const account = hasAccount ? { credentials: { env: 'VCENTER' }, ...(tls && { tls }) } : {};
  const hostsAt = Map.groupBy(hosts, ({ site }) => site);
  const ofVcenters = vcenters.flatMap((vcenter) => {
    const own = hostsAt.get(vcenter.site) ?? [];
    hostsAt.delete(vcenter.site);
    if (!hasAccount && own.length === 0) return [];
    return [{ ...vcenter, ...account, ...(own.length === 0 ? {} : { hosts: own }) }];
  });
  const withoutVcenter = Array.from(hostsAt, ([site, own]) => ({ name: site || 'atlas', site, hosts: own }));
  return [...ofVcenters, ...withoutVcenter];
}

function faultNothing(variables: Variables, atlas: Atlas | undefined): void {
  if (atlas !== undefined) variables.fault('ATLAS_FILE', 'names neither a vCenter nor a host to ask by ssh');
  else if (variables.text('ATLAS_FILE') === undefined)
    variables.fault('VCENTER_URL', 'is not set; set the name of the vCenter, or ATLAS_FILE');
}

function vcentersOf(variables: Variables, atlas: Atlas | undefined): VcenterEntry[] {
  if (atlas !== undefined && atlas.vcenters.length > 0) {
    variables.ignore('VCENTER_URL', 'ATLAS_FILE names the vCenters');
    return atlas.vcenters.map(({ name, site }) => ({ ...toVcenter(name), site }));
  }
  const written = variables.text('VCENTER_URL');
  if (written === undefined) return [];
  const vcenter = toVcenter(written);
  return [{ ...vcenter, site: siteOfVcenter(vcenter.name) ?? '' }];
}

/** `<name>`, `<name>:<port>` or a URL. */
export function toVcenter(written: string): Pick<TargetEntry, 'name' | 'url'> {
  const url = /^[a-z]+:\/\//i.test(written) ? written : `https://${written}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const name = parsed?.hostname || written;
  if (parsed === undefined || url === `https://${name}`) return { name };
  return { name, url: toSdkUrl(url) };
}

/** Half of an account is a fault always, none of it where one is needed. */
function checkAccount(variables: Variables, { needed }: { needed: boolean }): boolean {
  const missing = ['VCENTER_USER', 'VCENTER_PASSWORD'].filter((name) => variables.text(name) === undefined);
  if (missing.length === 2 && !needed) return false;
  const isDerived = variables.text('VCENTER_MPW') !== undefined;
  for (const name of missing) {
    if (isDerived && name === 'VCENTER_PASSWORD') continue;
    variables.fault(name, 'is not set; set the account for vCenter');
  }
  return true;
}

/** Whom to believe at every vCenter. */
export function tlsSection(variables: Variables, origins: Map<string, string>): object | undefined {
  const pins = variables.text('VSWEEP_TLS_SHA256');
  const ca = variables.text('VSWEEP_TLS_CA');
  const insecure = variables.flag('VSWEEP_TLS_INSECURE');
  const sections = [
    ...(pins === undefined ? [] : [{ sha256: splitPins(pins) }]),
    ...(ca === undefined ? [] : [{ ca }]),
    ...(insecure ? [{ insecure: true }] : []),
  ];
  if (sections.length > 1) {
    variables.fault(
      'VSWEEP_TLS_SHA256, VSWEEP_TLS_CA, VSWEEP_TLS_INSECURE',
      'are set together; set one of them',
    );
  }
  origins.set('targets[].tls', pins === undefined ? 'VSWEEP_TLS_CA' : 'VSWEEP_TLS_SHA256');
  return sections[0];
}
