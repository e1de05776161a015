import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
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

/** The template of an example, by the CDK app in a process of its own, as `npm run synth` makes it. */
export async function synthesiseTemplate(example: string): Promise<SynthesisedTemplate> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await createTemporaryFolder('synthesised'));
  const env = {
    PATH: process.env['PATH'],
    CDK_OUTDIR: folder.path,
    CDK_VALIDATION: 'false',
    CDK_CONTEXT_JSON: JSON.stringify({ config: join('examples', example) }),
  };
  const app = join(repository, 'cdk/app.ts');
  const { status, stderr } = spawnSync(process.execPath, [app], { env, cwd: repository, encoding: 'utf8' });
  const file = join(folder.path, 'Vsweep.template.json');
  if (status !== 0) throw new Error(`${example} was not synthesised: ${stderr}`);
  const template = JSON.parse(readFileSync(file, 'utf8'));
  const resources = starting.move();
  return { file, template, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
