import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { TEST_ACCOUNT } from './aws-environment.ts';

/** An HTTP request without a query, as it came. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<key>[^/]+)\/(?<scope>\d{8}\/[^/]+\/[^/]+\/aws4_request), ?SignedHeaders=(?<signed>[a-z0-9;-]+), ?Signature=(?<signature>[0-9a-f]{64})$/;

/** Whether the test account signed exactly this for a service (AWS Signature Version 4). */
export function isSigned(request: SignedRequest, { service }: { service: string }): boolean {
  const { headers, body } = request;
  const {
    key,
    scope = '',
    signed = '',
    signature,
  } = AUTHORIZATION.exec(headers.authorization ?? '')?.groups ?? {};
  const { region, credentials } = TEST_ACCOUNT;
  const moment = String(headers['x-amz-date']);
  const names = signed.split(';');
  if (key !== credentials.accessKeyId || headers['x-amz-security-token'] !== credentials.sessionToken)
    return false;
  if (scope !== `${moment.slice(0, 8)}/${region}/${service}/aws4_request` || !names.includes('host'))
    return false;
  const canonical = [
    request.method,
    request.path,
    '',
    ...names.map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signed,
    sha256(body),
  ].join('\n');
  const secret = `AWS4${credentials.secretAccessKey}`;
  const signingKey = scope.split('/').reduce<Buffer | string>((one, part) => hmac(one, part), secret);
  const text = ['AWS4-HMAC-SHA256', moment, scope, sha256(canonical)].join('\n');
  return hmac(signingKey, text).toString('hex') === signature;
}

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string) => createHmac('sha256', key).update(data).digest();
