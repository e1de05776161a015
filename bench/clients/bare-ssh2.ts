import ssh2 from 'ssh2';
import { measure } from '../measured.ts';
import type { SshOrder } from '../ssh-order.ts';

/**
 * The peer: ssh2 as its README shows it, on all hosts at once, without a time-out, a pinned key or a word about what
 * failed; Nagle's algorithm off, without which each login takes 130 ms longer.
 */
const { fleet, command, times = 1 } = JSON.parse(process.argv[2] ?? '{}') as SshOrder & { times?: number };

const runOn = (host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client
      .on('connect', () => client.setNoDelay(true))
      .on('keyboard-interactive', (_name, _instructions, _lang, _prompts, finish) => finish([fleet.password]))
      .on('error', reject)
      .on('ready', () => {
        client.exec(command, (error, channel) => {
          if (error) return reject(error);
          let output = '';
          channel.on('data', (chunk: Buffer) => {
            output += chunk;
          });
          channel.on('close', () => {
            client.end();
            resolve(output);
          });
        });
      })
      .connect({ host, port: fleet.port, username: fleet.user, tryKeyboard: true, readyTimeout: 60_000 });
  });

async function askAll(): Promise<void> {
  const outputs = await Promise.all(fleet.addresses.map(runOn));
  if (!outputs.every((output) => output.includes('hostd'))) throw new Error('a host did not answer');
}

for (let left = times; left > 1; left -= 1) await askAll();
console.log(JSON.stringify(await measure(askAll)));
