import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSigV4 } from '../../../lib/sinks/http/sigv4.ts';

const NOW = Date.UTC(2026, 10, 29, 15, 30, 5);
const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const URL_OF_WORKSPACE = new URL(
  'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write?b=2&a=x%20y',
);
const running = { signal: new AbortController().signal };

const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Written after https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, by nothing of the SDK. */
function signatureOf(canonicalRequest: string, service: string): string {
  const scope = `20261129/eu-central-1/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', '20261129T153005Z', scope, sha256(canonicalRequest)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${CREDENTIALS.secretAccessKey}`);
  return hmac(key, toSign).toString('hex');
}

describe('Signature Version 4', () => {
  it.each(['aps', 'monitoring'] as const)('is that of the documentation, for %s', async (service) => {
    const sign = createSigV4({
      service,
      region: 'eu-central-1',
      credentials: async () => CREDENTIALS,
      now: () => NOW,
    });
    const body = Buffer.from([0, 255, 1]);
    const headers = await sign(
      { method: 'POST', url: URL_OF_WORKSPACE, headers: { 'content-type': 'application/x-protobuf' }, body },
      running,
    );
    const canonical = [
      'POST',
      '/workspaces/ws-1/api/v1/remote_write',
      'a=x%20y&b=2',
      'content-type:application/x-protobuf',
      'host:aps-workspaces.eu-central-1.amazonaws.com',
      `x-amz-content-sha256:${sha256(body)}`,
      'x-amz-date:20261129T153005Z',
      '',
      'content-type;host;x-amz-content-sha256;x-amz-date',
      sha256(body),
    ].join('\n');
    expect(headers['authorization']).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261129/eu-central-1/${service}/aws4_request, ` +
        'SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, ' +
        `Signature=${signatureOf(canonical, service)}`,
    );
    expect(headers).toMatchObject({
      host: 'aps-workspaces.eu-central-1.amazonaws.com',
      'x-amz-date': '20261129T153005Z',
      'x-amz-content-sha256': sha256(body),
    });
  });

  it('asks for credentials each time, and sends the token of temporary ones', async () => {
    let asked = 0;
    const credentials = async () => {
      asked += 1;
      return { ...CREDENTIALS, sessionToken: `token ${asked}` };
    };
    const sign = createSigV4({ service: 'aps', region: 'eu-central-1', credentials, now: () => NOW });
    const request = { method: 'POST', url: URL_OF_WORKSPACE, headers: {} };
    expect((await sign(request, running))['x-amz-security-token']).toBe('token 1');
    expect((await sign(request, running))['x-amz-security-token']).toBe('token 2');
  });

  it('says how to give credentials where there are none', async () => {
    const credentials = async () => {
      throw new Error('Could not load credentials from any providers');
    };
    const sign = createSigV4({ service: 'aps', region: 'eu-central-1', credentials, now: () => NOW });
    await expect(sign({ method: 'POST', url: URL_OF_WORKSPACE, headers: {} }, running)).rejects.toMatchObject(
      {
        code: 'credentials',
        message:
          'no credentials of AWS to sign requests for aps: Could not load credentials from any providers. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role.',
      },
    );
  });

  it('ends when its signal aborts, also where a provider of credentials never answers', async () => {
    const ending = new AbortController();
    const sign = createSigV4({
      service: 'aps',
      region: 'eu-central-1',
      credentials: () => new Promise(() => undefined),
      now: () => NOW,
    });
    const signing = sign({ method: 'POST', url: URL_OF_WORKSPACE, headers: {} }, { signal: ending.signal });
    ending.abort(new Error('over'));
    await expect(signing).rejects.toThrow('over');
  });
});
