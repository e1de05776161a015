import * as z from 'zod';
import { ConfigError } from '../errors.ts';

/**
 * esxi-exporter's ATLAS_FILE: the vCenters and hosts that SAP's atlas writes for Prometheus' service discovery. The
 * forms of names in here are SAP's, as esxi-exporter had them built in.
 */
export interface Atlas {
  readonly vcenters: readonly AtlasVcenter[];
  readonly hosts: readonly AtlasHost[];
}

export interface AtlasVcenter {
  readonly name: string;
  readonly site: string;
}

export interface AtlasHost {
  /** As it is dialled; the label hostsystem where no vCenter names the host. */
  readonly name: string;
  readonly site: string;
}

const label = z.string('is not a text').max(512, 'is longer than 512 characters');
const entries = z
  .array(
    z.object({
      labels: z.object({
        job: label.optional(),
        name: label.optional(),
        server_name: label.optional(),
        site: label.optional(),
      }),
    }),
    'is not a JSON list of { "labels": { "job": …, "name": …, "site": … } }',
  )
  .max(100_000, 'has more than 100000 entries');

/** Throws ConfigError with the faults; `file` names it in them. */
export function parseAtlas(text: string, file: string): Atlas {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigError(file, [{ path: '', message: 'is not JSON' }]);
  }
  const parsed = entries.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 10);
    throw new ConfigError(
      file,
      issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    );
  }
  const labels = parsed.data.map((entry) => entry.labels);
  return {
    vcenters: labels.flatMap(({ job, server_name: name = '', site = '' }) =>
      job === 'vcenter' && name !== '' ? [{ name, site: siteOfVcenter(name) ?? site }] : [],
    ),
    hosts: labels.flatMap(({ job, name = '', site = '' }) =>
      job === 'vmware-esxi' && name !== '' ? [{ name: toFullName(name, site), site }] : [],
    ),
  };
}

const VCENTER_NAME = /^vc-(?<letter>[a-z])-\d+\.cc\.(?<region>[a-z]{2}-[a-z]{2}-\d)\./i;

/** `vc-a-0.cc.qa-de-1.cloud.sap` -> `qa-de-1a`; undefined for a name of another form. */
export function siteOfVcenter(name: string): string | undefined {
  const { letter, region } = VCENTER_NAME.exec(name)?.groups ?? {};
  return letter === undefined || region === undefined ? undefined : region + letter;
}

/** `vc-a-0.cc.qa-de-1.cloud.sap` -> `qa-de-1`; undefined for a name of another form. */
export const regionOfVcenter = (name: string): string | undefined =>
  VCENTER_NAME.exec(name)?.groups?.['region']?.toLowerCase();

/** `node001` at `qa-de-1a` -> `node001.cc.qa-de-1.cloud.sap`. A name with a dot is a full one already. */
function toFullName(name: string, site: string): string {
  const [, region] = /^([a-z]{2}-[a-z]{2}-\d)[a-z]/i.exec(site) ?? [];
  return name.includes('.') || region === undefined ? name : `${name}.cc.${region}.cloud.sap`;
}
