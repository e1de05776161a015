import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { parseYaml } from '../parse-config.ts';

const flag = z.boolean('write true or false');
const text = z.string('write a text, in quotes').max(4_096, 'is longer than 4096 characters');
const section = z.looseObject(
  {
    vsphere_host: text.nullish(),
    // Its sections are those that have an account.
    vsphere_user: z
      .string('is not set; write the account for vCenter')
      .max(4_096, 'is longer than 4096 characters'),
    vsphere_password: text.nullish(),
    ignore_ssl: flag.nullish(),
    specs_size: z.coerce.number('write a number').nullish(),
    fetch_custom_attributes: flag.nullish(),
    fetch_tags: flag.nullish(),
    fetch_alarms: flag.nullish(),
    collect_only: z.record(z.string(), flag, 'write a map of what to collect').default({}),
  },
  'write a map with vsphere_host, vsphere_user and so on',
);
const file = z
  .record(z.string().min(1, 'name the section').max(100, 'use at most 100 characters'), section, {
    // Of a key zod says no more than that it is wrong.
    error: (issue) => (issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined),
  })
  .refine((sections) => Object.hasOwn(sections, 'default'), 'has no section "default"')
  .superRefine((sections, context) => {
    const alike = Map.groupBy(Object.keys(sections), prefixOf);
    for (const [prefix, names] of alike)
      if (names.length > 1)
        context.addIssue({
          code: 'custom',
          message: `both are ${prefix}_…; rename one`,
          path: [names.join(', ')],
        });
  });

/** Of its variables: they have letters, digits and "_". */
function prefixOf(section: string): string {
  return section === 'default' ? 'VSPHERE' : `VSPHERE_${section.toUpperCase().replace(/[^A-Z0-9_]/gu, '_')}`;
}

/** The variables that a file of vmware_exporter stands for, and where each came from. */
interface VmwareExporterFile {
  readonly variables: Readonly<Record<string, string>>;
  /** Variable -> path in the file. */
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * vmware_exporter's YAML (0.18.4, config/config.env and README.md) as the variables of the same meaning. It was read by
 * PyYAML, so as YAML 1.1. Throws ConfigError with all faults; `name` names the file in them.
 */
export function parseVmwareExporterFile(yaml: string, name: string): VmwareExporterFile {
  const parsed = file.safeParse(parseYaml(yaml, name, { version: '1.1' }));
  if (!parsed.success) {
    throw new ConfigError(
      name,
      parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    );
  }
  const found = Object.entries(parsed.data).flatMap(([section, { collect_only: only, ...settings }]) => {
    const prefix = prefixOf(section);
    // The template of its README names a target by each scrape; vsweep has them in its configuration.
    const set = Object.entries(settings).filter(([, value]) => value !== null && value !== undefined);
    const own = set.map(([key, value]) => [
      `${prefix}_${key.replace(/^vsphere_/, '').toUpperCase()}`,
      String(value),
      `${section}.${key}`,
    ]);
    const collected = Object.entries(only).map(([key, value]) => [
      `${prefix}_COLLECT_${key.toUpperCase()}`,
      String(value),
      `${section}.collect_only.${key}`,
    ]);
    return [...own, ...collected];
  });
  return {
    variables: Object.fromEntries(found.map(([variable = '', value = '']) => [variable, value])),
    paths: new Map(found.map(([variable = '', , path = '']) => [variable, path])),
  };
}
