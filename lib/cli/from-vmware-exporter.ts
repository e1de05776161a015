import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { KNOWN_COLLECTORS } from '../collectors/known-collectors.ts';
import { inspectConfig } from '../config/check-config.ts';
import { ConfigError } from '../config/errors.ts';
import { configFromVsphereVariables } from '../config/variables/config-from-vsphere-variables.ts';
import { parseVmwareExporterFile } from '../config/variables/vmware-exporter-file.ts';
import { messageOf } from '../platform/errors.ts';
import { printError, printVerbatim } from './terminal.ts';
import { keepCredential } from './write-credential.ts';

const HEADER = '# vsweep.yaml, from the configuration of vmware_exporter.\n';

/**
 * `vsweep config from-vmware-exporter <file>`: prints a vsweep.yaml with the sections of the file as targets. Passwords
 * are never printed: with `credentials` each goes into a file of that folder which only its owner may read, else it is
 * said which secrets to create. Throws ConfigError with all faults of the file.
 */
export async function configFromVmwareExporterCommand(
  file: string,
  { credentials }: { credentials?: string },
): Promise<number> {
  const { variables, paths } = parseVmwareExporterFile(await readText(file), file);
  const { raw, issues, explain, variables: read } = configFromVsphereVariables(variables);
  const pathOf = (names: string) =>
    names
      .split(', ')
      .map((variable) => paths.get(variable) ?? variable)
      .join(', ');
  // Before anything is written: a vsweep.yaml that is refused later leaves credentials behind.
  const faults = [...issues, ...explain(inspectConfig(raw, KNOWN_COLLECTORS).issues)];
  if (faults.length > 0)
    throw new ConfigError(
      file,
      faults.map(({ path, message }) => ({ path: pathOf(path), message })),
    );
  for (const { name, why } of read.ignored) printError(`${pathOf(name)} is not used: ${why}`);
  const targets = [];
  for (const {
    credentials: { env },
    ...target
  } of raw.targets) {
    const account = {
      host: target.name,
      user: variables[`${env}_USER`] ?? '',
      password: variables[`${env}_PASSWORD`] ?? '',
    };
    targets.push({ ...target, credentials: await keepCredential(account, credentials) });
  }
  printError(
    `exporter.listen is ${raw.exporter.listen}, as vmware_exporter listens: whoever reaches it can read /metrics without a password; ` +
      'write an address that only Prometheus reaches',
  );
  printVerbatim(`${HEADER}${stringify({ ...raw, targets })}`);
  return 0;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, [{ path: '', message: `cannot be read: ${messageOf(error)}` }]);
  }
}
