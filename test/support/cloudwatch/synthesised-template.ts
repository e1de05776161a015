import { execFile } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A template as CloudFormation gets it. */
export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Properties }>>;
}
type Properties = Readonly<Record<string, unknown>>;

const APP = join(import.meta.dirname, '../../../cdk/app.ts');

/** Runs the app as the CDK's command does, but for the bundles. `config` is vsweep.yaml, no longer text. */
export async function synthesiseTemplate(
  config: Readonly<Record<string, unknown>>,
  folder: string,
): Promise<Template> {
  const file = join(folder, 'vsweep.yaml');
  writeFileSync(file, JSON.stringify(config));
  const env = {
    PATH: process.env['PATH'],
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ config: file, 'aws:cdk:bundling-stacks': [] }),
    CDK_VALIDATION: 'false',
  };
  await promisify(execFile)(process.execPath, [APP], { env });
  const [template = ''] = globSync('*.template.json', { cwd: folder });
  return JSON.parse(readFileSync(join(folder, template), 'utf8'));
}

/** The properties of every resource of a type. */
export const resourcesOfType = ({ Resources }: Template, type: string): Properties[] =>
  Object.values(Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));
