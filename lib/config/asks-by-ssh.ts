import type { KnownCollectors } from './cross-checks.ts';
import type { SweepConfig } from './schema.ts';

/** Whether a sweep logs in to hosts: for a collector, or for a command of an own metric. */
export const asksBySsh = (
  { collectors, own }: Pick<SweepConfig, 'collectors' | 'own'>,
  { overSsh }: Pick<KnownCollectors, 'overSsh'>,
): boolean =>
  collectors.some((name) => overSsh.includes(name)) ||
  Object.values(own?.metrics ?? {}).some(({ esxcli, ssh }) => esxcli !== undefined || ssh !== undefined);
