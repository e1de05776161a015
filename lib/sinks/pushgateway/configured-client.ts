import { ConfigError } from '../../config/errors.ts';
import { type LoadedConfig, toTrust } from '../../config/loaded-config.ts';
import type { Credential, CredentialReader } from '../../credentials/credential.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Sink } from '../sink.ts';
import { createPushgateway, type Pushgateway } from './client.ts';
import type { GroupRecords } from './group-records.ts';
import { createPushgatewaySink } from './pushgateway-sink.ts';

/** The sink of the section `push`. */
export function configuredPushgatewaySink(
  deps: Parameters<typeof createConfiguredPushgateway>[0] & { groups: GroupRecords },
): Sink | undefined {
  const gateway = createConfiguredPushgateway(deps);
  return gateway && createPushgatewaySink({ gateway, groups: deps.groups, log: deps.log });
}

/** The Pushgateway of the section `push`; its credential is read at each push, so the next run uses a rotated one. */
export function createConfiguredPushgateway(deps: {
  loaded: LoadedConfig;
  credentials: CredentialReader;
  clock: Clock;
  log: Log;
  random: () => number;
}): Pushgateway | undefined {
  const { loaded, credentials, ...rest } = deps;
  const { push } = loaded.config;
  if (push === undefined) return undefined;
  const open = async (options: { signal: AbortSignal }) => {
    const credential = push.credentials && (await credentials.read(push.credentials, options));
    const tls = toTrust(push.tls, loaded);
    return createPushgateway({
      ...rest,
      url: push.url,
      gzip: push.gzip,
      ...(tls === undefined ? {} : { tls }),
      ...(credential === undefined ? {} : { credentials: toBasicAuth(credential) }),
    });
  };
  return {
    put: async (group, text, options) => (await open(options)).put(group, text, options),
    delete: async (group, options) => (await open(options)).delete(group, options),
    list: async (options) => (await open(options)).list(options),
  };
}

function toBasicAuth({ id, username, proof }: Credential): { username: string; password: string } {
  if (proof.kind === 'password') return { username, password: proof.password };
  throw new ConfigError('push.credentials', [
    { path: '', message: `push.credentials: ${id} holds no password; add one` },
  ]);
}
