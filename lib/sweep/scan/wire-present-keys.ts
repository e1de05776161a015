import type { LoadedConfig } from '../../config/loaded-config.ts';
import { readPresentedKey } from '../../esxi/read-presented-key.ts';
import type { Clock } from '../../platform/clock.ts';
import { createPresentKeys, type PresentKeys } from './present-keys.ts';

const DEFAULT_TIMEOUTS = { connectSeconds: 3, loginSeconds: 15 };

/** Asks hosts for their keys from this process, with the time-outs of the configuration. */
export function wirePresentKeys({
  loaded,
  clock,
}: {
  loaded: Pick<LoadedConfig, 'config'>;
  clock: Clock;
}): PresentKeys {
  const { connectSeconds, loginSeconds } = loaded.config.esxi?.timeouts ?? DEFAULT_TIMEOUTS;
  const timeouts = { connectMs: connectSeconds * 1_000, loginMs: loginSeconds * 1_000 };
  return async (hosts, options) => {
    const presentKeys = createPresentKeys({
      timeouts,
      readPresentedKey: (request, one) => readPresentedKey(request, { clock }, one),
    });
    return await presentKeys(hosts, options);
  };
}
