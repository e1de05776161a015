import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface SecretRead {
  readonly id: string;
  /** Undefined when the newest was asked for. */
  readonly version: string | undefined;
}

/** AWS Secrets Manager on this machine, as far as GetSecretValue goes. Old versions can still be read. */
export interface SecretsManager extends AsyncDisposable {
  readonly url: string;
  /** Every read that was answered, with what it asked for. */
  readonly reads: readonly SecretRead[];
  /** Stores a new version of a secret, a text or a value as JSON, and answers its id. */
  put(id: string, value: unknown): string;
  /** With `version` only that one goes. */
  remove(id: string, version?: string): void;
  /** Calls `action` once, after the next read of the secret and before its answer. */
  afterNextRead(id: string, action: () => void): void;
}

export async function startSecretsManager(): Promise<SecretsManager> {
  /** The newest version is the last. */
  const secrets = new Map<string, Map<string, string>>();
  const reads: SecretRead[] = [];
  const actions = new Map<string, () => void>();

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = (await json(request)) as { SecretId: string; VersionId?: string };
    if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') {
      return refuse(response, 'AccessDeniedException', 'only GetSecretValue is allowed');
    }
    const id = asked.SecretId;
    const versions = secrets.get(id) ?? new Map<string, string>();
    const version = asked.VersionId ?? [...versions.keys()].at(-1) ?? '';
    const value = versions.get(version);
    if (value === undefined) {
      return refuse(
        response,
        'ResourceNotFoundException',
        "Secrets Manager can't find the specified secret.",
      );
    }
    reads.push({ id, version: asked.VersionId });
    const action = actions.get(id);
    actions.delete(id);
    action?.();
    response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ Name: id, VersionId: version, SecretString: value }));
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reads,
    put(id, value) {
      const version = randomUUID();
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      secrets.set(id, new Map(secrets.get(id)).set(version, text));
      return version;
    },
    remove(id, version) {
      if (version === undefined) secrets.delete(id);
      else secrets.get(id)?.delete(version);
    },
    afterNextRead: (id, action) => void actions.set(id, action),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function refuse(response: ServerResponse, type: string, message: string): void {
  response.writeHead(400, { 'Content-Type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify({ __type: type, Message: message }));
}
