import { randomBytes } from 'node:crypto';
import { ConfigError } from '../config/errors.ts';
import type { CurveKeys } from '../poll/gateway/curve-keys.ts';
import { createCommandCredentials } from './command-credentials.ts';
import { readCurveSecret } from './curve-secret.ts';
import { loadConfig } from './load-config.ts';

export interface GatewayKeysOptions {
  readonly config: string;
  readonly insecure: boolean;
  readonly curve: boolean;
  /** An endpoint that other machines reach. */
  readonly exposed: string | undefined;
}

const HOW =
  'Run: vsweep gateway-keys credentials/gateway.key, and name that file and the keys of clients in polls.curve';

/**
 * The keys of CURVE where an endpoint needs them: beyond loopback, unless it is insecure on request, and where they are
 * asked for. Rejects with ConfigError or CredentialError when there are none.
 */
export async function readGatewayKeys(
  { config: file, insecure, curve: isAsked, exposed }: GatewayKeysOptions,
  { signal }: { signal: AbortSignal },
): Promise<CurveKeys | undefined> {
  const fault = (message: string) => new ConfigError(file, [{ path: 'polls.curve', message }]);
  if (insecure && isAsked) throw fault('--curve and --insecure exclude each other: leave out one of them');
  if (!isAsked && (insecure || exposed === undefined)) return undefined;
  const { config } = await loadConfig(file, process.env);
  const { curve } = config.polls;
  if (curve === undefined) {
    throw fault(
      exposed === undefined
        ? `--curve needs keys. ${HOW}`
        : `${exposed} can be reached from other machines, and without keys it has no authentication or encryption. ${HOW}. ` +
            'For clients of vPoller, which have no keys, listen on tcp://127.0.0.1:10123 behind a tunnel, or add --insecure and restrict access by a firewall',
    );
  }
  const reader = createCommandCredentials({ env: process.env, versionKey: async () => randomBytes(32) });
  const secretKey = await readCurveSecret(curve.secretKey, reader, { signal });
  // Its code is loaded only where it is needed.
  const { toCurveKeys } = await import('../poll/gateway/curve-keys.ts');
  return toCurveKeys(secretKey, curve.clients);
}
