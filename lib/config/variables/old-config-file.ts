import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { parseYaml } from '../parse-config.ts';

const flag = z.boolean('write true or false');
const collector = z.looseObject({ enabled: flag.default(false) }).prefault({});

/** esxi-exporter's config.yaml, as far as it read it, with PyYAML. A collector that is not enabled there is off. */
const oldConfig = z.looseObject({
  port: z.coerce.number('write a port number').optional(),
  ssl_verify: flag.optional(),
  verify_ssl: flag.optional(),
  collectors: z
    .looseObject(
      {
        overall_state_collector: collector,
        critical_service_collector: z
          .looseObject({
            enabled: flag.default(false),
            max_threads: z.number('write a number').optional(),
            services: z.array(z.string('write the name of a service'), 'write a list').optional(),
          })
          .prefault({}),
      },
      'write a map of collectors, each with "enabled"',
    )
    .prefault({}),
});
export type OldConfig = z.output<typeof oldConfig>;

/** Throws ConfigError with all faults; `file` names it in them. */
export function parseOldConfig(text: string, file: string): OldConfig {
  const parsed = oldConfig.safeParse(parseYaml(text, file, { version: '1.1' }));
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    file,
    parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  );
}
