import { once } from 'node:events';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as lambda from '@aws-sdk/client-lambda';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import { build } from 'esbuild';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSTEAD, leftOut, OWN_CLASSES, UNREACHED } from '../../cdk/left-out.ts';
import { KNOWN_COLLECTORS } from '../../lib/collectors/known-collectors.ts';
import { startDemoEsxi } from '../../lib/demo/esxi-sshd.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { askServices } from '../support/esxi/asked-services.ts';
import { temporaryFolder } from './synthesise.ts';

const root = join(import.meta.dirname, '../..');
const folder = temporaryFolder();

/** A module of a package, or one of our own, as a bundle has it. */
async function bundled<Module>(name: string): Promise<Module> {
  const outfile = join(folder, `${name.replaceAll('/', '-')}.cjs`);
  await build({
    absWorkingDir: root,
    stdin: { contents: `export * from '${name}'`, resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    plugins: [leftOut],
    alias: INSTEAD,
    outfile,
  });
  return createRequire(import.meta.url)(outfile) as Module;
}

describe('what is known of the collectors', () => {
  it('is in a bundle what it is in the sources, without the rows of any', async () => {
    const { KNOWN_COLLECTORS: known } = await bundled<{ KNOWN_COLLECTORS: typeof KNOWN_COLLECTORS }>(
      './lib/collectors/known-collectors.ts',
    );
    const { eventClasses, ...facts } = KNOWN_COLLECTORS;
    expect(known).toEqual({ ...facts, eventClasses: expect.any(Function) });
    expect(known.eventClasses()).toEqual(eventClasses());
    const file = readdirSync(folder).find((name) => name.includes('known-collectors'));
    expect(readFileSync(join(folder, file ?? ''), 'utf8')).not.toContain('vmware_vm_num_cpu');
  });
});

describe('what is left out of the bundles', () => {
  it.each(UNREACHED.map(([path]) => path))('is there to be left out: %s', (path) => {
    expect(existsSync(join(root, 'node_modules', path))).toBe(true);
  });

  it('is no class of an error that the SDK repeats for what its class says, or that our code looks for', () => {
    const texts = (pattern: string) =>
      globSync(pattern, { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));
    const repeated = texts(
      'node_modules/@aws-sdk/client-{lambda,dynamodb,secrets-manager}/dist-es/models/errors.js',
    )
      .flatMap((text) => text.split('export class '))
      .filter((text) => text.includes('$retryable'))
      .map((text) => text.slice(0, text.indexOf(' ')));
    const compared = texts('{lib,functions}/**/*.ts').flatMap((text) =>
      [...text.matchAll(/instanceof (\w+Exception)\b/g)].map(([, name]) => name),
    );
    const bases = ['LambdaServiceException'];
    expect(repeated.length).toBeGreaterThan(0);
    expect(
      [...new Set([...repeated, ...compared])].filter((name) => !bases.includes(name ?? '')).sort(),
    ).toEqual([...OWN_CLASSES].sort());
  });
});

type ServiceError = Error & {
  readonly $fault: string;
  readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string };
};

interface Sdk {
  readonly Client: new (config: object) => { send(command: object): Promise<unknown>; destroy(): void };
  readonly command: object;
  readonly Base: new (...args: never[]) => Error;
}

/** Each service by the call that vsweep makes most, and the errors that its client has classes of. */
const SERVICES = {
  'client-lambda': {
    of: ({ LambdaClient, InvokeCommand, LambdaServiceException }: typeof lambda): Sdk => ({
      Client: LambdaClient as never,
      command: new InvokeCommand({ FunctionName: 'f' }),
      Base: LambdaServiceException as never,
    }),
    package: lambda,
  },
  'client-dynamodb': {
    of: ({ DynamoDBClient, GetItemCommand, DynamoDBServiceException }: typeof dynamodb): Sdk => ({
      Client: DynamoDBClient as never,
      command: new GetItemCommand({ TableName: 't', Key: { pk: { S: 'k' } } }),
      Base: DynamoDBServiceException as never,
    }),
    package: dynamodb,
  },
  'client-secrets-manager': {
    of: (sdk: typeof secretsManager): Sdk => ({
      Client: sdk.SecretsManagerClient as never,
      command: new sdk.GetSecretValueCommand({ SecretId: 's' }),
      Base: sdk.SecretsManagerServiceException as never,
    }),
    package: secretsManager,
  },
} as const;

describe.each(Object.keys(SERVICES) as (keyof typeof SERVICES)[])('an error of %s in a bundle', (name) => {
  const { of, package: whole } = SERVICES[name];
  const sdk = of(whole as never);
  const errors = Object.entries(whole)
    .filter(([, value]) => typeof value === 'function' && value.prototype instanceof sdk.Base)
    .map(([error]) => error);
  let ours: Sdk;
  let answer: { error: string; status: number };
  let server: Server;
  let endpoint: string;

  beforeAll(async () => {
    ours = of((await bundled(`@aws-sdk/${name}`)) as never);
    server = createServer((_request, response) => {
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'x-amzn-errortype': `${answer.error}:http://internal.amazon.com/coral/`,
        'x-amzn-requestid': 'r-1',
      });
      const message = `the words of ${answer.error}`;
      response.end(JSON.stringify({ __type: `com.amazonaws#${answer.error}`, Type: 'User', message }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** What a client makes of the answer: all that is read of it. */
  async function errorOf({ Client, command, Base }: Sdk) {
    const client = new Client({
      endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
    const error = (await client.send(command).catch((thrown) => thrown)) as ServiceError;
    client.destroy();
    const { httpStatusCode, requestId } = error.$metadata;
    return {
      name: error.name,
      message: error.message,
      httpStatusCode,
      requestId,
      isOfService: error instanceof Base,
      fault: error.$fault,
    };
  }

  it('is what it is without', async () => {
    expect(errors.length).toBeGreaterThan(5);
    for (const error of [...errors, 'AnErrorThatNobodyKnows']) {
      answer = { error, status: 400 };
      const { fault } = await errorOf(sdk);
      // Whose fault it is stands in the status where it does not stand in a class.
      answer = { error, status: fault === 'server' ? 500 : 400 };
      const expected = await errorOf(sdk);
      expect(expected).toMatchObject({ name: error, message: `the words of ${error}`, isOfService: true });
      expect(await errorOf(ours)).toEqual(expected);
    }
  });
});

describe('a private key in a bundle', () => {
  it('is decrypted by its passphrase, as without', async () => {
    const { parseKey } = await bundled<typeof ssh2.utils>('ssh2/lib/protocol/keyParser.js');
    const passphrase = 'a passphrase';
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { passphrase, cipher: 'aes256-ctr', rounds: 4 });
    const parsed = parseKey(pair.private, passphrase);
    if (parsed instanceof Error) throw parsed;
    const message = Buffer.from('a message');
    const own = ssh2.utils.parseKey(pair.public);
    if (own instanceof Error) throw own;
    expect(own.verify(message, parsed.sign(message))).toBe(true);
    expect(parseKey(pair.private, 'another')).toBeInstanceOf(Error);
  });
});

describe('ssh in a bundle', () => {
  it.each(['password', 'private-key'] as const)('logs in by %s and runs a command', async (kind) => {
    const { runCommand } =
      await bundled<typeof import('../../lib/esxi/run-command.ts')>('./lib/esxi/run-command.ts');
    const key = ssh2.utils.generateKeyPairSync('ed25519');
    const account = { user: 'root', password: 'a password', publicKey: key.public };
    const host = { address: '127.0.0.1', behaviour: 'normal', services: { hostd: 'running' } } as const;
    await using esxi = await startDemoEsxi({ ...account, hosts: [host] });
    const proof =
      kind === 'password'
        ? ({ kind, password: account.password } as const)
        : ({ kind, privateKey: key.private } as const);
    const { stdout } = await runCommand(
      {
        target: { host: host.address, port: esxi.port },
        credential: { id: 'c', version: '1', username: account.user, proof },
        command: askServices(['hostd']).script('n0ncen0nce'),
        timeouts: { connectMs: 5_000, loginMs: 10_000, commandMs: 10_000 },
        maxOutputBytes: 10_000,
      },
      { clock: systemClock, verifyHostKey: async () => true },
      { signal: new AbortController().signal },
    );
    expect(stdout).toContain('n0ncen0nce');
  });
});
