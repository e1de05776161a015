import { inspect } from 'node:util';
import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { createCredentialReader } from '../../../lib/credentials/credential-reader.ts';
import { readSecret } from '../../../lib/credentials/secrets-manager.ts';
import {
  createSecretsManager,
  createSecretsManagerClient,
} from '../../../lib/credentials/secrets-manager-client.ts';

const SECRET = 'hunter2-do-not-print';
const { signal } = new AbortController();

/** The real client over a peer that gives one answer; what it was asked stands in `asked`. */
function secretsManager(
  answer: { status: number; body: string } | Error,
  overrides: SecretsManagerClientConfig = {},
) {
  const asked: unknown[] = [];
  const handle = async (request: { body: Uint8Array<ArrayBuffer> }) => {
    asked.push(await new Response(request.body).json());
    if (answer instanceof Error) throw answer;
    const body = new Blob([answer.body]).stream();
    return { response: { statusCode: answer.status, headers: {}, body } };
  };
  const client = new SecretsManagerClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    requestHandler: { handle } as never,
    ...overrides,
  });
  const reader = createCredentialReader({
    env: {},
    readFile: () => Promise.reject(new Error('no file here')),
    secretsManager: async () => createSecretsManager(client),
    versionKey: () => Promise.reject(new Error('a secret has its own version')),
  });
  return {
    asked,
    read: (version?: string) =>
      reader.read({ secret: 'vsweep/esxi' }, { signal, ...(version === undefined ? {} : { version }) }),
  };
}

const secret = (text: string) => ({
  status: 200,
  body: JSON.stringify({ SecretString: text, VersionId: 'v-1' }),
});
const fault = (status: number, name: string) => ({
  status,
  body: JSON.stringify({ __type: name, message: `the words of ${name}` }),
});

describe('a credential of Secrets Manager', () => {
  it('has the VersionId for its version', async () => {
    const { read, asked } = secretsManager(secret('{"username":"root","password":"p"}'));
    expect(await read()).toEqual({
      id: 'secret:vsweep/esxi',
      version: 'v-1',
      username: 'root',
      proof: { kind: 'password', password: 'p' },
    });
    expect(asked).toEqual([{ SecretId: 'vsweep/esxi' }]);
  });

  it('is read in exactly the version that is asked for', async () => {
    const { read, asked } = secretsManager(secret('{"username":"root","password":"p"}'));
    await read('v-0');
    expect(asked).toEqual([{ SecretId: 'vsweep/esxi', VersionId: 'v-0' }]);
  });

  it.each([
    ['not JSON', secret(SECRET), 'malformed', false],
    [
      'binary',
      { status: 200, body: `{"SecretBinary":"${btoa(SECRET)}","VersionId":"v"}` },
      'malformed',
      false,
    ],
    ['an answer that is no JSON', { status: 200, body: `{"SecretString": ${SECRET}` }, 'unavailable', true],
    ['no such secret', fault(400, 'ResourceNotFoundException'), 'not-found', false],
    ['a secret marked for deletion', fault(400, 'InvalidRequestException'), 'not-found', false],
    ['no right to it', fault(400, 'AccessDeniedException'), 'unavailable', false],
    ['throttling', fault(400, 'ThrottlingException'), 'unavailable', true],
    ['a fault of the service', fault(500, 'InternalServiceError'), 'unavailable', true],
    [
      'a network that is down',
      Object.assign(new Error(`connect to ${SECRET}`), { code: 'ECONNREFUSED' }),
      'unavailable',
      true,
    ],
  ] as const)('fails for %s and says nothing of the value', async (_case, answer, code, retryable) => {
    const failure = secretsManager(answer).read();
    await expect(failure).rejects.toMatchObject({ name: 'CredentialError', code, retryable });
    const thrown: unknown = await failure.catch((error: unknown) => error);
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain(SECRET);
  });

  it('keeps the words of the service', async () => {
    await expect(secretsManager(fault(400, 'AccessDeniedException')).read()).rejects.toThrow(
      'AccessDeniedException: the words of AccessDeniedException',
    );
  });

  const failing = (name: string) => () =>
    Promise.reject(Object.assign(new Error(`words with ${SECRET}`), { name }));

  it('without a region says how to set one', async () => {
    const { read, asked } = secretsManager(secret('{}'), { region: failing('Error') });
    const failure = read();
    await expect(failure).rejects.toMatchObject({ code: 'unavailable', retryable: false });
    await expect(failure).rejects.toThrow(/no AWS region is set\. Set AWS_REGION/);
    await expect(failure).rejects.not.toThrow(SECRET);
    expect(asked).toEqual([]);
  });

  it('without AWS credentials says how to give some', async () => {
    const { read } = secretsManager(secret('{}'), { credentials: failing('CredentialsProviderError') });
    const failure = read();
    await expect(failure).rejects.toMatchObject({ code: 'unavailable', retryable: false });
    await expect(failure).rejects.toThrow(
      /CredentialsProviderError\. No usable AWS credentials were found\. Set valid AWS credentials/,
    );
    await expect(failure).rejects.not.toThrow(SECRET);
  });

  it.each(['InternalServiceError', 'ThrottlingException', 'TooManyRequestsException'])(
    'refused with %s, whatever its status, is worth another call',
    async (name) => {
      await expect(secretsManager(fault(400, name)).read()).rejects.toMatchObject({
        retryable: true,
        message: `The credential secret:vsweep/esxi was refused by Secrets Manager: ${name}: the words of ${name}. The next run tries again.`,
      });
    },
  );

  it('that is not there points at its name and region', async () => {
    const name = 'ResourceNotFoundException';
    await expect(secretsManager(fault(400, name)).read()).rejects.toThrow(
      `The credential secret:vsweep/esxi is not in Secrets Manager: ${name}: the words of ${name} Check its name and region.`,
    );
  });

  it('that is binary is to be stored as text', async () => {
    const binary = { status: 200, body: `{"SecretBinary":"${btoa('x')}","VersionId":"v"}` };
    await expect(secretsManager(binary).read()).rejects.toThrow(
      'The credential secret:vsweep/esxi is binary in Secrets Manager. Store it as text.',
    );
  });

  it('whose answer is no JSON is tried again, with no way to look at', async () => {
    const torn = { status: 200, body: '{"SecretString": x' };
    await expect(secretsManager(torn).read()).rejects.toThrow(/: SyntaxError\. The next run tries again\.$/);
  });

  it('without a token of its sign-on says how to give credentials', async () => {
    const { read } = secretsManager(secret('{}'), { credentials: failing('TokenProviderError') });
    await expect(read()).rejects.toMatchObject({ retryable: false });
    await expect(read()).rejects.toThrow('TokenProviderError. No usable AWS credentials were found.');
  });

  it.each([
    ['IncompleteSignature', 'Set valid AWS credentials'],
    ['InvalidClientTokenId', 'Set valid AWS credentials'],
    [
      'InvalidSignatureException',
      'a profile (AWS_PROFILE), a role, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    ],
    ['ExpiredTokenException', 'Set valid AWS credentials'],
    ['UnrecognizedClientException', 'Set valid AWS credentials'],
    ['AccessDeniedException', 'Check the right secretsmanager:GetSecretValue'],
  ])('refused with %s says what to mend', async (name, remedy) => {
    await expect(secretsManager(fault(400, name)).read()).rejects.toThrow(remedy);
  });

  it('behind a network that is down points at the region and the way there', async () => {
    const down = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    await expect(secretsManager(down).read()).rejects.toThrow(
      /could not be read from Secrets Manager: Error \(ECONNREFUSED\)\. Check AWS_REGION and the network path to Secrets Manager\. The next run tries/,
    );
  });
});

describe('readSecret', () => {
  const ask = { id: 's', version: undefined, credentialId: 'secret:s' };
  const region = async () => 'eu-central-1';
  const failWith = (thrown: unknown) => ({ getSecretValue: () => Promise.reject(thrown), region });

  it('bears what is no error', async () => {
    await expect(readSecret(failWith('odd'), ask, { signal })).rejects.toThrow(
      'could not be read from Secrets Manager: an unknown error. Check AWS_REGION',
    );
  });

  it('gives the reason of the signal when that aborts before the call, or in it', async () => {
    const before = { signal: AbortSignal.abort('before') };
    await expect(readSecret(failWith(new Error('sent')), ask, before)).rejects.toBe('before');
    const run = new AbortController();
    const getSecretValue = async (_ask: unknown, options: { signal: AbortSignal }) => {
      run.abort('meanwhile');
      options.signal.throwIfAborted();
      return {};
    };
    await expect(readSecret({ getSecretValue, region }, ask, run)).rejects.toBe('meanwhile');
  });
});

describe('the client of Secrets Manager', () => {
  it('ends a call that hangs, and makes three at most', async () => {
    const { config } = createSecretsManagerClient();
    expect(await config.maxAttempts()).toBe(3);
    const handler = config.requestHandler as unknown as {
      handle(request: object, options: object): Promise<never>;
      httpHandlerConfigs(): object;
    };
    // It knows its settings from its first request on, of which this one sends nothing.
    await handler.handle({}, { abortSignal: AbortSignal.abort() }).catch(() => undefined);
    expect(handler.httpHandlerConfigs()).toMatchObject({
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    });
  });
});
