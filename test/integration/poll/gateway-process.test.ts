import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../../lib/cli/version.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { parseExposition } from '../../support/exposition.ts';
import { freePort } from '../../support/peers/free-port.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { bytesOfMessage, openingOf } from '../../unit/poll/gateway/zmtp-client.ts';
import { start } from '../cli/vsweep-process.ts';
import { type SmallFleet, startSmallFleet } from '../sweep/small-fleet.ts';
import { ask } from './ask.ts';
import { startGatewayProcess } from './gateway-process.ts';

const ABOUT = { method: 'about', hostname: 'vc1' };
const DISCOVER = { method: 'host.discover', hostname: 'vc1' };
/** Five seconds for what is in hand, one for the last replies, one and a half for the logout, and the process itself. */
const BOUND_MS = 5_000 + 1_000 + 1_500 + 2_500;

/** Asks, and resolves when a call of this name has arrived at the vCenter. */
async function askUntil(operation: string, { vcenter }: SmallFleet, endpoint: string) {
  const calls = () => vcenter.stats.calls[operation] ?? 0;
  const before = calls();
  const reply = ask(endpoint, DISCOVER);
  // Of a gateway that is killed none comes.
  reply.catch(() => undefined);
  await pollUntil(operation, () => calls() > before || undefined, { timeoutMs: 60_000, everyMs: 5 });
  return { reply };
}

it('vsweep gateway --metrics serves what the process tells of itself', async () => {
  await using fleet = await startSmallFleet({ hosts: [{}] });
  const port = await freePort();
  await using gateway = await startGatewayProcess(fleet.folder, { args: ['--metrics', `127.0.0.1:${port}`] });
  await ask(gateway.endpoint, ABOUT);
  await ask(gateway.endpoint, { method: 'nothing', hostname: 'vc1' });
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const numberOf = (series: string) =>
    parseExposition(text).find(({ name, labels }) => series === `${name} ${Object.values(labels)}`)?.value;
  expect(numberOf('vsweep_polls_total ok')).toBe(1);
  expect(numberOf('vsweep_polls_total failed')).toBe(1);
  expect(numberOf('vsweep_vcenter_sessions vc1')).toBe(1);
  expect(numberOf('vsweep_vcenter_requests_total vc1')).toBeGreaterThan(1);
  expect(numberOf(`vsweep_build_info ${VERSION}`)).toBe(1);
});

it.each([
  ['--listen', 'tcp://*:*'],
  ['--listen', 'tcp://0.0.0.0:*'],
  ['--listen', 'tcp://[::]:*'],
  ['--manage', 'worker=tcp://0.0.0.0:*'],
])('vsweep gateway %s %s does not start without --insecure', async (...args) => {
  await using fleet = await startSmallFleet({ hosts: [{}] });
  const { ended } = start(fleet.folder, 'gateway', '--listen', 'tcp://127.0.0.1:*', ...args);
  const { exitCode, errors } = await ended;
  expect(exitCode).toBe(2);
  expect(errors).toContain('can be reached from other machines');
  expect(errors).toContain('add --insecure');
});

it('vsweep gateway --insecure listens beyond loopback, and warns', async () => {
  await using fleet = await startSmallFleet({ hosts: [{}] });
  await using gateway = await startGatewayProcess(fleet.folder, {
    listen: 'tcp://0.0.0.0:*',
    args: ['--insecure'],
  });
  const reply = await ask(gateway.endpoint.replace('0.0.0.0', '127.0.0.1'), ABOUT);
  expect(JSON.parse(reply)).toMatchObject({ success: 0 });
  gateway.kill('SIGTERM');
  expect((await gateway.ended).errors).toContain('has no authentication or encryption');
});

describe('vsweep gateway, told to end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s, answers the client that waits, logs out and exits 0',
    async (signal) => {
      await using fleet = await startSmallFleet({ hosts: [{}, {}] });
      await using gateway = await startGatewayProcess(fleet.folder);
      await ask(gateway.endpoint, ABOUT);
      expect(fleet.vcenter.sessions()).toBe(1);
      fleet.vcenter.misbehave({ kind: 'slow', operation: 'RetrievePropertiesEx', ms: 500 });
      const { reply } = await askUntil('RetrievePropertiesEx', fleet, gateway.endpoint);
      gateway.kill(signal);
      expect(JSON.parse(await reply)).toMatchObject({ success: 0, result: [{}, {}] });
      expect((await gateway.ended).exitCode).toBe(0);
      expect(fleet.vcenter.stats).toMatchObject({ logins: 1, logouts: 1 });
      expect(fleet.vcenter.sessions()).toBe(0);
    },
  );

  it('does so in its time also when the vCenter does not answer', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    await using gateway = await startGatewayProcess(fleet.folder, { args: ['--timeout', '60000'] });
    await ask(gateway.endpoint, ABOUT);
    fleet.vcenter.misbehave({ kind: 'hang', operation: 'RetrievePropertiesEx' });
    const { reply } = await askUntil('RetrievePropertiesEx', fleet, gateway.endpoint);
    const toldAt = performance.now();
    gateway.kill('SIGTERM');
    expect(JSON.parse(await reply)).toMatchObject({ success: 1 });
    expect((await gateway.ended).exitCode).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(BOUND_MS);
    expect(fleet.vcenter.sessions()).toBe(0);
  });
});

it('vsweep gateway, told to end, does so in its time also while a client does not read its replies', async () => {
  await using fleet = await startSmallFleet({ hosts: [{}] });
  await using gateway = await startGatewayProcess(fleet.folder);
  const socket = connect(Number(new URL(gateway.endpoint).port), '127.0.0.1').on('error', () => undefined);
  using _ = { [Symbol.dispose]: () => void socket.destroy() };
  socket.pause();
  socket.write(openingOf('ZMTP 3.1'));
  // The envelope comes back with the reply: more than the system takes for a client.
  const text = Buffer.from('{"method": "nothing", "hostname": "vc1"}');
  const request = bytesOfMessage('v2', [Buffer.alloc(60_000, 1), Buffer.alloc(0), text]);
  for (let sent = 0; sent < 200; sent += 1) socket.write(request);
  await quiet(socket);
  const toldAt = performance.now();
  gateway.kill('SIGTERM');
  expect((await gateway.ended).exitCode).toBe(0);
  expect(performance.now() - toldAt).toBeLessThan(BOUND_MS);
});

/** Resolves when the gateway reads nothing more of it. */
async function quiet(socket: Socket): Promise<void> {
  for (let before = -1; before !== socket.bytesWritten - socket.writableLength; ) {
    before = socket.bytesWritten - socket.writableLength;
    await systemClock.sleep(1_000, new AbortController());
  }
}

describe('vsweep gateway, killed', () => {
  it.each(['RetrievePropertiesEx', 'Login'] as const)(
    'during %s, leaves nothing in the way of the next one, at the same endpoint',
    async (operation) => {
      await using fleet = await startSmallFleet({ hosts: [{}] });
      let endpoint: string;
      {
        await using gateway = await startGatewayProcess(fleet.folder);
        ({ endpoint } = gateway);
        fleet.vcenter.misbehave({ kind: 'hang', operation });
        await askUntil(operation, fleet, endpoint);
        gateway.kill('SIGKILL');
        await gateway.ended;
      }
      fleet.vcenter.misbehave(undefined);
      await using next = await startGatewayProcess(fleet.folder, { listen: endpoint });
      expect(next.endpoint).toBe(endpoint);
      expect(JSON.parse(await ask(endpoint, DISCOVER))).toMatchObject({ success: 0, result: [{}] });
      next.kill('SIGTERM');
      expect((await next.ended).exitCode).toBe(0);
    },
  );
});
