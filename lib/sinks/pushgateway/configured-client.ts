import type { LoadedConfig } from '../../config/loaded-config.ts';
import type { CredentialReader } from '../../credentials/credential.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { readEndpoint } from '../http/configured-endpoint.ts';
import type { Sink } from '../sink.ts';
import { createPushgateway, type Pushgateway } from './client.ts';
import type { GroupRecords } from './group-records.ts';
import { createPushOnlySink } from './push-only-sink.ts';
import { createPushgatewaySink } from './pushgateway-sink.ts';

/** The sink of the section `push`. */
export function configuredPushgatewaySink(
  deps: Parameters<typeof createConfiguredPushgateway>[0] & { groups: GroupRecords },
): Sink | undefined {
  const { push } = deps.loaded.config;
  if (push?.protocol === 'push-only') {
    const open = (options: { signal: AbortSignal }) => readEndpoint(push, deps, options);
    return createPushOnlySink({ open, retry: deps, gzip: push.gzip });
  }
  const gateway = createConfiguredPushgateway(deps);
  if (gateway === undefined) return undefined;
  // Without gzip a part is held as a whole text, several times as large.
  const partsAtOnce = deps.loaded.config.push?.gzip === false ? 1 : undefined;
  return createPushgatewaySink({ gateway, groups: deps.groups, log: deps.log, partsAtOnce });
}

/** The Pushgateway of the section `push`, where it keeps groups; its credential is read at each push, so the next run uses a rotated one. */
export function createConfiguredPushgateway(deps: {
  loaded: LoadedConfig;
  credentials: CredentialReader;
  clock: Clock;
  log: Log;
  random: () => number;
}): Pushgateway | undefined {
  const { loaded, credentials, ...rest } = deps;
  const { push } = loaded.config;
  if (push === undefined || push.protocol === 'push-only') return undefined;
  const open = async (options: { signal: AbortSignal }) =>
    createPushgateway({
      ...rest,
      ...(await readEndpoint(push, { loaded, credentials }, options)),
      gzip: push.gzip,
    });
  return {
    put: async (group, text, options) => (await open(options)).put(group, text, options),
    delete: async (group, options) => (await open(options)).delete(group, options),
    list: async (options) => (await open(options)).list(options),
  };
}
