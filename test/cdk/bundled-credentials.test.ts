import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleFunction } from '../../cdk/bundle.ts';
import { readDeployment } from '../../cdk/read-deployment.ts';
import { ENV } from '../../lib/config/env.ts';
import { EXAMPLE, temporaryFolder } from './synthesise.ts';

const taskRoot = join(temporaryFolder(), 'poll');
const POLL = `
  const { handler } = require('./index.js');
  handler({ method: 'about', hostname: 'vc01.example.org' }, { getRemainingTimeInMillis: () => 100_000 })
    .then((reply) => console.log('reply: ' + reply.msg));
`;

/** Polls from the bundle, with a Secrets Manager that has no secret, and answers what both sides said. */
async function pollWith(credentials: Record<string, string>) {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end('{"__type":"ResourceNotFoundException","Message":"no such secret"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = {
    ...credentials,
    [ENV.table]: 'a-table',
    [ENV.taskRoot]: taskRoot,
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
  };
  const child = spawn(process.execPath, ['-e', POLL], {
    cwd: taskRoot,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stdout = await text(child.stdout);
  server.closeAllConnections();
  server.close();
  return { reply: stdout.split('\n').find((line) => line.startsWith('reply: ')), seen };
}

describe('a bundled function', () => {
  const { bundledConfig } = readDeployment(EXAMPLE);
  beforeAll(() => bundleFunction('poll', { outDir: taskRoot, config: bundledConfig }));

  it('signs its calls with the credentials that Lambda put into its environment', async () => {
    const { reply, seen } = await pollWith({
      AWS_ACCESS_KEY_ID: 'AKIDOFLAMBDA',
      AWS_SECRET_ACCESS_KEY: 'key',
      AWS_SESSION_TOKEN: 'token-of-lambda',
    });
    expect(seen).toMatchObject([
      {
        'x-amz-security-token': 'token-of-lambda',
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKIDOFLAMBDA\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request/,
        ),
      },
    ]);
    expect(reply).toContain('no such secret');
  });

  it('calls nobody without credentials and says what it lacks', async () => {
    const { reply, seen } = await pollWith({});
    expect(seen).toEqual([]);
    expect(reply).toContain('CredentialsProviderError. No usable AWS credentials were found.');
  });
});
