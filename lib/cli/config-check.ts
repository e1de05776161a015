import { targetsOfSweep } from '../config/cross-checks.ts';
import { loadConfig } from './load-config.ts';
import { print } from './terminal.ts';

/** `vsweep config check`: says what the configuration means, or every fault in it. */
export async function configCheckCommand(options: { config: string }): Promise<number> {
  const { config } = await loadConfig(options.config);
  const sweeps = config.sweeps.map((sweep) => {
    const targets = targetsOfSweep(sweep, config).length;
    return `  sweep ${sweep.name}: every ${sweep.everyMs / 1_000} s, ${targets} targets, ${sweep.collectors.join(', ')}`;
  });
  print([`${options.config}: ok`, `  ${config.targets.length} targets`, ...sweeps].join('\n'));
  return 0;
}
