import { createHash, createHmac } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { messageOf } from '../../platform/errors.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { PushError } from './errors.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Who signs for which service: `aps` takes remote write, `monitoring` the metrics of OTLP. */
export interface SigV4Options {
  readonly service: 'aps' | 'monitoring';
  readonly region: string;
  /** Asked before each request, so that credentials of an hour are renewed; default: the SDK's chain. */
  readonly credentials?: () => Promise<AwsCredentials>;
  /** Milliseconds since the epoch; AWS refuses what is signed more than 5 minutes off its own clock. */
  readonly now: () => number;
}

export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Uint8Array;
}

/** The headers of a request with those of its signature. Rejects with PushError where there are no credentials. */
export type SignRequest = (
  request: UnsignedRequest,
  options: { signal: AbortSignal },
) => Promise<OutgoingHttpHeaders>;

/**
 * Signs requests for AWS by Signature Version 4, payload included
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html). The packages of the SDK are loaded by the first
 * request, because most configurations sign nothing.
 */
export function createSigV4(options: SigV4Options): SignRequest {
  const { service, region, now } = options;
  let opened: ReturnType<typeof open> | undefined;
  const open = async () => {
    const [{ SignatureV4 }, credentials] = await Promise.all([
      import('@smithy/signature-v4'),
      options.credentials ?? sdkChain(),
    ]);
    return { signer: new SignatureV4({ service, region, credentials, sha256: Sha256 }), credentials };
  };
  return async ({ method, url, headers, body }, { signal }) => {
    opened ??= open();
    const { signer } = await untilAborted(opened, signal);
    const request = {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url),
      headers: { ...toTexts(headers), host: url.host },
      ...(body === undefined ? {} : { body }),
    };
    const signing = signer.sign(request, { signingDate: new Date(now()) }).catch((error: unknown) => {
      throw noCredentials(service, error);
    });
    return (await untilAborted(signing, signal)).headers;
  };
}

async function sdkChain(): Promise<() => Promise<AwsCredentials>> {
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  return defaultProvider();
}

const noCredentials = (service: string, cause: unknown): PushError =>
  new PushError(
    `no credentials of AWS to sign requests for ${service}: ${messageOf(cause)}. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and ` +
      'AWS_SECRET_ACCESS_KEY, or give the machine a role.',
    { code: 'credentials', cause },
  );

const toTexts = (headers: OutgoingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : String(value)]],
    ),
  );

/** A name that stands several times has a list. */
function queryOf({ searchParams }: URL): Record<string, string | string[]> {
  const names = [...new Set(searchParams.keys())];
  return Object.fromEntries(names.map((name) => [name, searchParams.getAll(name)]));
}

/** SHA-256, or HMAC with it where there is a secret, in the form in which the signer makes one. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toKey(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('a signature makes each hash anew');
  }
}

function toKey(secret: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof secret === 'string') return secret;
  if (secret instanceof ArrayBuffer) return new Uint8Array(secret);
  return new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength);
}
