import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { curveKeyPair, Request } from 'zeromq';
import { vsweep } from '../cli/vsweep-command.ts';
import { type SmallFleet, startSmallFleet } from '../sweep/small-fleet.ts';
import { startGatewayProcess } from './gateway-process.ts';

const CLIENT = curveKeyPair();

/** A fleet whose gateway has the key in `gateway.key` and admits one client. */
const startFleet = () =>
  startSmallFleet({
    hosts: [{}],
    more: `polls: { curve: { secretKey: { file: gateway.key }, clients: ['${CLIENT.publicKey}'] } }\n`,
  });

async function makeKeys({ folder }: SmallFleet): Promise<string> {
  const { output, exitCode } = await vsweep(folder, 'gateway-keys', 'gateway.key');
  expect(exitCode).toBe(0);
  return output.trim();
}

async function askAbout(endpoint: string, serverKey: string): Promise<unknown> {
  const { publicKey, secretKey } = CLIENT;
  const options = { curveServerKey: serverKey, curvePublicKey: publicKey, curveSecretKey: secretKey };
  const socket = new Request({ linger: 0, receiveTimeout: 15_000, ...options });
  try {
    socket.connect(endpoint);
    await socket.send('{"method": "about", "hostname": "vc1"}');
    return JSON.parse(String((await socket.receive())[0]));
  } finally {
    socket.close();
  }
}

describe('vsweep gateway with keys', () => {
  it('encrypts an endpoint that is not known to be loopback, without --insecure', async () => {
    await using fleet = await startFleet();
    const serverKey = await makeKeys(fleet);
    await using gateway = await startGatewayProcess(fleet.folder, { listen: 'tcp://lo:*' });
    expect(await askAbout(gateway.endpoint, serverKey)).toMatchObject({ success: 0 });
    gateway.kill('SIGTERM');
    const { errors } = await gateway.ended;
    expect(errors).toContain(`clients need a key serverKey=${JSON.stringify(serverKey)}`);
    expect(errors).not.toContain('has no authentication');
  });
});

describe('vsweep gateway-keys', () => {
  it('writes a file that only its owner reads, and never over another one', async () => {
    await using fleet = await startFleet();
    expect(await makeKeys(fleet)).toHaveLength(40);
    expect((await stat(join(fleet.folder, 'gateway.key'))).mode & 0o777).toBe(0o600);
    const { exitCode, errors } = await vsweep(fleet.folder, 'gateway-keys', 'gateway.key');
    expect(exitCode).toBe(2);
    expect(errors).toMatch(/gateway\.key.*cannot be written.*name another file/s);
  });
});

describe('vsweep gateway does not start', () => {
  it.each([
    ['without keys', ['--curve'], '--curve needs keys. Run: '],
    ['without keys for others', ['--listen', 'tcp://lo:*'], 'tcp://lo:* can be reached from other machines'],
    ['insecure and with CURVE', ['--curve', '--insecure'], 'exclude each other'],
  ])('%s', async (_what, args, message) => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    const { exitCode, errors } = await vsweep(
      fleet.folder,
      'gateway',
      '--listen',
      'tcp://127.0.0.1:*',
      ...args,
    );
    expect(exitCode).toBe(2);
    expect(errors).toContain(message);
  });

  it.each([
    ['that is missing', undefined, 'cannot be read'],
    ['that others can read', { text: CLIENT.secretKey, mode: 0o644 }, 'chmod 600'],
    ['that is no key', { text: 'marked-secret', mode: 0o600 }, 'Make one: '],
  ])('with a secret key %s, which it does not print', async (_what, file, message) => {
    await using fleet = await startFleet();
    if (file !== undefined) {
      await writeFile(join(fleet.folder, 'gateway.key'), file.text, { mode: file.mode });
    }
    const { exitCode, errors } = await vsweep(
      fleet.folder,
      'gateway',
      '--listen',
      'tcp://127.0.0.1:*',
      '--curve',
    );
    expect(exitCode).toBe(1);
    expect(errors).toContain(message);
    expect(errors).not.toContain(file?.text ?? 'nothing');
    const check = await vsweep(fleet.folder, 'config', 'check');
    expect(check.output + check.errors).toContain('polls.curve.secretKey');
  });
});
