import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { printBundledConfig } from '../../../../config/bundled-config.ts';
import { type DeployedMark, fingerprintOf } from '../../../../config/deployed-mark.ts';
import { knownHostsFile } from '../../../../config/known-hosts/load-known-hosts.ts';
import { certificateFiles } from '../../../../config/loaded-config.ts';
import { withDeployedPushgateway } from '../../../../config/with-deployed-pushgateway.ts';
import { readOwnText } from '../../../../platform/owner.ts';
import { readSource } from '../../../load-config.ts';
import { VERSION } from '../../../version.ts';

export interface LocalMark extends DeployedMark {
  /** When one of the files was last written, in milliseconds since the epoch. */
  readonly changedAt: number;
}

/** What a deployment of this file by this version would say of itself. */
export async function readLocalMark(file: string): Promise<LocalMark> {
  const { raw: written, folder } = await readSource(file, {});
  const raw = withDeployedPushgateway(written);
  const authorities = certificateFiles(raw).map(({ ca }) => ca);
  const hosts = knownHostsFile(raw);
  const read = (path: string) => readOwnText(resolve(folder, path));
  const certificates = new Map(
    await Promise.all(authorities.map(async (ca) => [ca, await read(ca)] as const)),
  );
  const knownHosts = hosts === undefined ? undefined : await read(hosts);
  const files = [
    file,
    ...[...authorities, ...(hosts === undefined ? [] : [hosts])].map((one) => resolve(folder, one)),
  ];
  const times = await Promise.all(files.map(async (one) => (await stat(one)).mtimeMs));
  return {
    version: VERSION,
    configuration: fingerprintOf(printBundledConfig(raw, { certificates, knownHosts })),
    changedAt: Math.max(...times),
  };
}
