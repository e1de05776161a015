import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTlsAgent } from '../../../lib/platform/tls.ts';

/** Prints what a server answers to a client of this machine's issuers. */
const SCRIPT = `
  const { createTlsAgent } = await import('./lib/platform/tls.ts');
  const { get } = await import('node:https');
  const agent = createTlsAgent({ issuers: 'system' });
  get(process.argv[1], { agent }, (response) => response.pipe(process.stdout))
    .on('close', () => agent.destroy())
    .on('error', ({ code }) => process.stdout.write(code));
`;

describe('the issuers of this machine', () => {
  let server: https.Server;
  let url = '';
  let cert = '';
  beforeAll(async () => {
    const made = await generate([{ name: 'commonName', value: 'peer' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    cert = made.cert;
    server = https.createServer({ key: made.private, cert }, (_request, response) => response.end('hello'));
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it("are the system's and Node's, and the peer's is none of them at first", async () => {
    const agent = createTlsAgent();
    const [error] = await once(https.get(url, { agent }), 'error');
    expect(error).toMatchObject({ code: 'untrusted' });
    agent.destroy();

    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-issuers-'));
    const file = join(folder.path, 'peer.pem');
    await writeFile(file, cert);
    const said = async (env: Record<string, string>) => {
      const args = ['--input-type=module', '-e', SCRIPT, url];
      return (await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } })).stdout;
    };
    expect(
      await Promise.all([
        said({}),
        said({ SSL_CERT_FILE: file, SSL_CERT_DIR: folder.path }),
        said({ NODE_EXTRA_CA_CERTS: file }),
      ]),
    ).toEqual(['untrusted', 'hello', 'hello']);
  });
});
