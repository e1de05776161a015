import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { readDeployment } from '../../cdk/read-deployment.ts';
import { VsweepStack } from '../../cdk/vsweep-stack.ts';
import { stackOf } from '../../lib/config/deployed-names.ts';

const example = (name: string) => join(import.meta.dirname, '../../examples', name);
export const EXAMPLE = example('vsweep.yaml');
/** With every part that the stack can have. */
export const EVERYTHING = example('aws-vpc.yaml');

/** A folder that lives as long as the tests of the file that calls this. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vsweep-cdk-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The configuration with somebody who gets the alarms, without whom nothing is deployed. */
export function withAlarms(yaml: string): string {
  const { aws, ...rest } = parse(yaml) as { readonly aws?: object };
  return stringify({ ...rest, aws: { alarms: { emails: ['ops@example.org'] }, ...aws } });
}

/** A configuration file with these texts beside it, by name. */
export function writeConfig(
  folder: string,
  yaml: string,
  beside: Readonly<Record<string, string>> = {},
): string {
  for (const [name, text] of Object.entries(beside)) writeFileSync(join(folder, name), text);
  const file = join(folder, 'vsweep.yaml');
  writeFileSync(file, yaml);
  return file;
}

/** Synthesises without bundling: what is in the bundles is tested by itself. */
export function synthesise(file: string, outdir: string): Template {
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  const deployment = readDeployment(file);
  const stack = new VsweepStack(app, stackOf(deployment.config), { deployment });
  return Template.fromStack(stack);
}

export type Properties = Readonly<Record<string, unknown>>;

/** The properties of every resource of a type, by logical id. */
export function resourcesOf(template: Template, type: string): Record<string, Properties> {
  const found = Object.entries(template.findResources(type));
  return Object.fromEntries(found.map(([id, resource]) => [id, resource['Properties'] as Properties]));
}

/** The one resource of a type whose logical id begins so. */
export function resourceOf(template: Template, type: string, prefix: string): Properties {
  const found = Object.entries(resourcesOf(template, type)).filter(([id]) => id.startsWith(prefix));
  const [[, properties] = []] = found;
  if (properties === undefined || found.length > 1)
    throw new Error(`${found.length} ${type} named ${prefix}…`);
  return properties;
}
