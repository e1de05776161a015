import ssh2 from 'ssh2';

/** What one ssh connection saw. `hostKey` is the server's key, base64; `banner` what it said before the login. */
export interface SshSession {
  readonly hostKey: string;
  readonly banner: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface SshSessionOptions {
  readonly host: string;
  readonly port: number;
  readonly credentials: { readonly password: string } | { readonly privateKey: string };
  readonly command: string;
  readonly readyTimeoutMs?: number;
  readonly algorithms?: ssh2.Algorithms;
}

/** One connection by ssh2 itself, one login by the one method of `credentials`, one command. */
export async function runSshSession(options: SshSessionOptions): Promise<SshSession> {
  const { host, port, credentials, command } = options;
  const { promise, resolve, reject } = Promise.withResolvers<SshSession>();
  const client = new ssh2.Client();
  let hostKey = '';
  let banner = '';
  client
    .on('connect', () => client.setNoDelay(true))
    .on('banner', (text) => {
      banner = text;
    })
    .on('keyboard-interactive', (_name, _instructions, _lang, prompts, finish) =>
      finish(prompts.map(() => ('password' in credentials ? credentials.password : ''))),
    )
    .on('error', reject)
    .on('ready', () => {
      client.exec(command, (error, stream) => {
        if (error !== undefined) return reject(error);
        let stdout = '';
        let stderr = '';
        stream.setEncoding('utf8').on('data', (text: string) => {
          stdout += text;
        });
        stream.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        stream.on('close', (exitCode: number) => resolve({ hostKey, banner, stdout, stderr, exitCode }));
      });
    })
    .connect({
      host,
      port,
      username: 'root',
      ...('privateKey' in credentials ? credentials : { tryKeyboard: true }),
      authHandler: ['privateKey' in credentials ? 'publickey' : 'keyboard-interactive'],
      readyTimeout: options.readyTimeoutMs ?? 20_000,
      hostVerifier: (key: Buffer) => {
        hostKey = key.toString('base64');
        return true;
      },
      ...(options.algorithms === undefined ? {} : { algorithms: options.algorithms }),
    });
  try {
    return await promise;
  } finally {
    client.end();
  }
}
