import { stringify } from 'yaml';
import { editorSchema } from '../collectors/own/own-schema.ts';
import { loadConfig, readSource } from './load-config.ts';
import { printVerbatim } from './terminal.ts';

/**
 * `vsweep config print`: the configuration as a vsweep.yaml, to begin one from environment variables. It names where
 * the credentials are, and holds none.
 */
export async function configPrintCommand(options: { config: string; json: boolean }): Promise<number> {
  await loadConfig(options.config, process.env);
  const { raw } = await readSource(options.config, process.env);
  printVerbatim(options.json ? JSON.stringify(raw, undefined, 2) : `# vsweep.yaml\n${stringify(raw)}`);
  return 0;
}

/** `vsweep config schema`: JSON Schema of vsweep.yaml, for editors. */
export async function configSchemaCommand(): Promise<number> {
  printVerbatim(JSON.stringify(editorSchema(), null, 2));
  return 0;
}
