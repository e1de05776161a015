import { execFile } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createTemporaryFolder } from './temporary-folder.ts';

const repository = resolve(import.meta.dirname, '../../..');

export interface SynthesisedTemplate extends AsyncDisposable {
  readonly file: string;
  readonly template: { readonly Resources: Readonly<Record<string, Resource>> };
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** The template of an example, or of vsweep.yaml as an object, by the CDK app in a process of its own. */
export async function synthesiseTemplate(
  config: string | Readonly<Record<string, unknown>>,
): Promise<SynthesisedTemplate> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await createTemporaryFolder('synthesised'));
  const written = join(folder.path, 'vsweep.yaml');
  if (typeof config !== 'string') writeFileSync(written, JSON.stringify(config));
  const context = {
    config: typeof config === 'string' ? join('examples', config) : written,
    // A template without bundles is enough where its functions are not deployed.
    ...(typeof config === 'string' ? {} : { 'aws:cdk:bundling-stacks': [] }),
  };
  const env = {
    PATH: process.env['PATH'],
    CDK_OUTDIR: folder.path,
    CDK_VALIDATION: 'false',
    CDK_CONTEXT_JSON: JSON.stringify(context),
  };
  await promisify(execFile)(process.execPath, [join(repository, 'cdk/app.ts')], { env, cwd: repository });
  const [name = ''] = globSync('*.template.json', { cwd: folder.path });
  const file = join(folder.path, name);
  const template = JSON.parse(readFileSync(file, 'utf8'));
  const resources = starting.move();
  return { file, template, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** The properties of every resource of a type. */
export const propertiesOfType = ({ Resources }: SynthesisedTemplate['template'], type: string) =>
  Object.values(Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));
