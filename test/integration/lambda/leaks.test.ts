import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { COOKIE_PREFIX, TICKET_PREFIX } from '../../../lib/demo/vcenter/session-table.ts';
import { POLL, SWEEP, WORKER } from '../../support/lambda/aws.ts';
import { INTEGRITY_SECRET, TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import {
  type DemoEstate,
  ESXI_USER,
  PASSWORDS,
  SECRETS,
  startDemoEstate,
} from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { emissionsOf, findLeaks, synchronousRequests } from '../../support/lambda/emissions.ts';
import { targetOf } from '../../support/lambda/reply.ts';
import { type FakeNetbox, startFakeNetbox } from '../../support/netbox/netbox.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import type { Answer } from '../sinks/gateway.ts';

const A = 'vc-a.example.org';
const B = 'vc-b.example.org';
const PASSPHRASE = 'Leak5-passphrase';
const WRONG_PASSPHRASE = 'Leak6-passphrase';
const GUEST_PASSWORD = 'Leak7-guest';
const WRONG_GUEST_PASSWORD = 'Leak8-guest';
const MALFORMED = { username: ESXI_USER, password: 'Leak9-both', privateKey: 'Leak10-both' };

const key = ssh2.utils.generateKeyPairSync('ecdsa', {
  bits: 256,
  passphrase: PASSPHRASE,
  cipher: 'aes256-cbc',
  rounds: 4,
});

/** The lines of a PEM: each alone would be a part of the key. */
const linesOf = (pem: string) => pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'));

function openedKey(): string {
  const parsed = ssh2.utils.parseKey(key.private, PASSPHRASE);
  if (parsed instanceof Error) throw parsed;
  return parsed.getPrivatePEM();
}

/** By the kinds that there are. A ticket and a cookie are known by how the demo begins them. */
const MARKED = {
  passwords: Object.values(PASSWORDS),
  'the private key, as it is stored': linesOf(key.private),
  'the private key, opened': linesOf(openedKey()),
  passphrases: [PASSPHRASE, WRONG_PASSPHRASE],
  'a secret that is malformed': [MALFORMED.password, MALFORMED.privateKey],
  'the integrity secret': [INTEGRITY_SECRET, INTEGRITY_SECRET.slice(0, 20)],
  'accounts of guests': [GUEST_PASSWORD, WRONG_GUEST_PASSWORD],
  'session cookies': [COOKIE_PREFIX],
  'clone tickets': [TICKET_PREFIX],
};

function estateOfVms() {
  const { virtualMachines, ...rest } = createDemoEstate();
  const account = { username: 'monitor', password: GUEST_PASSWORD };
  return {
    ...rest,
    virtualMachines: virtualMachines.map((vm) => ({ ...vm, guest: vm.guest && { ...vm.guest, account } })),
  };
}

describe('everything that runs and polls with all kinds of faults emit', () => {
  const hosts = healthyHosts(5, { network: 33 });
  const addressOf = (index: number) => hosts[index]?.address ?? '';
  let netbox: FakeNetbox;
  let estate: DemoEstate;
  let refusesPushes = false;
  /** Refuses in words that repeat the credentials, once as they came and once decoded. */
  const onPush: Answer = (response, { headers: { authorization = '' } }) => {
    const decoded = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
    if (refusesPushes) response.writeHead(401).end(`who is ${authorization}, or ${decoded}?`);
    else response.writeHead(200).end();
  };
  beforeAll(async () => {
    netbox = await startFakeNetbox({
      devices: hosts.map(({ name }) => ({ name })),
      token: 'another',
      echoesToken: true,
    });
    estate = await startDemoEstate({
      targets: { [A]: hosts, [B]: healthyHosts(1, { network: 34 }) },
      poll: {},
      netbox: netbox.url,
      machines: estateOfVms(),
      esxiPublicKey: key.public,
      onPush,
    });
    await estate.esxi.setBehaviour(addressOf(3), 'refuses-login');
    await estate.esxi.setBehaviour(addressOf(4), 'second-prompt');
  });
  afterAll(async () => {
    await estate?.[Symbol.asyncDispose]();
    await netbox?.[Symbol.asyncDispose]();
  });

  const processesOf = (password: string) =>
    estate.aws.poll({
      method: 'vm.process.get',
      hostname: A,
      name: 'web01',
      username: 'monitor',
      password,
    });
  const answerOfLast = (name: string) => estate.aws.lambda.invocations(name).at(-1)?.answered;

  it('begins with polls: with the account of a guest, and of a vCenter that repeats what it was sent', async () => {
    expect((await processesOf(GUEST_PASSWORD)).payload).toMatchObject({ success: 0 });
    const vcenter = estate.vcenters[A];
    vcenter?.misbehave({ kind: 'echo', fault: 'InvalidGuestLogin', operation: 'ListProcessesInGuest' });
    expect((await processesOf(WRONG_GUEST_PASSWORD)).payload).toMatchObject({ success: 1 });
    vcenter?.misbehave({ kind: 'echo', fault: 'RuntimeFault', operation: 'RetrievePropertiesEx' });
    const discover = { method: 'host.discover', hostname: A, properties: ['name'] };
    expect((await estate.aws.poll(discover)).payload).toMatchObject({
      success: 1,
      msg: expect.stringContaining('RuntimeFault'),
    });
    vcenter?.misbehave(undefined);
  });

  it('goes on with a scheduled run that NetBox, two hosts and the gateway refuse, and that ends in the queue', async () => {
    refusesPushes = true;
    await estate.sweepNext({}, 'Event');
    await answerOfLast(SWEEP);
    const [record = '', ...more] = estate.aws.lambda.failureRecords();
    expect(more).toEqual([]);
    expect(JSON.parse(record)).toMatchObject({
      requestPayload: { sweep: 'services' },
      responsePayload: { errorType: 'RunFailedError', errorMessage: expect.stringContaining('answered 401') },
    });
    for (const index of [3, 4]) expect(estate.esxi.authRequests(addressOf(index))).toContain('answer');
    expect(netbox.seen.map(({ authorization }) => authorization)).toContain(`Token ${PASSWORDS.netbox}`);
    refusesPushes = false;
    netbox.setToken(PASSWORDS.netbox);
  });

  it('then with a ticket and a session that a vCenter refuses in words that repeat them', async () => {
    estate.vcenters[A]?.misbehave({ kind: 'echo', fault: 'InvalidLogin', operation: 'CloneSession' });
    estate.vcenters[B]?.misbehave({ kind: 'echo', fault: 'RuntimeFault', operation: 'RetrievePropertiesEx' });
    const reply = await estate.sweepNext();
    for (const vcenter of Object.values(estate.vcenters)) vcenter.misbehave(undefined);
    expect(targetOf(reply, A).paths.vcenter?.reasons).toEqual({ 'failed(session)': hosts.length });
    expect(targetOf(reply, B).problems.join()).toContain('returned the fault RuntimeFault');
  });

  it('then with a worker that is killed', async () => {
    const victim = addressOf(2);
    await estate.esxi.setBehaviour(victim, 'hangs-after-exec');
    const before = estate.esxi.loginAttempts(victim).accepted;
    const swept = estate.sweepNext({ target: A });
    const worker = await pollUntil(
      'the login on the victim',
      () =>
        estate.esxi.loginAttempts(victim).accepted > before
          ? estate.aws.lambda.invocations(WORKER).findLast(({ payload }) => payload.includes(victim))
          : undefined,
      { timeoutMs: 60_000, everyMs: 5 },
    );
    worker.sandbox.signal('SIGKILL');
    await estate.esxi.setBehaviour(victim, 'normal');
    expect(await worker.answered).toMatchObject({ functionError: 'Unhandled' });
    // The hosts of a lost worker are asked again, with care.
    expect(targetOf(await swept, A).hosts.map(({ moref }) => moref)).not.toEqual([]);
  });

  it('then with a private key that is right, one that cannot be opened, and a secret that is malformed', async () => {
    const sweepWith = async (value: object) => {
      estate.aws.secrets.put(SECRETS.esxi, value);
      return targetOf(await estate.sweepNext({ target: A }), A);
    };
    const pem = { username: ESXI_USER, privateKey: key.private };
    expect((await sweepWith({ ...pem, passphrase: PASSPHRASE })).paths.ssh?.ok).toBeGreaterThan(0);
    expect(estate.esxi.authRequests(addressOf(0))).toContain('publickey');
    const details = async (value: object) => {
      const { hosts: told, problems } = await sweepWith(value);
      return [...problems, ...told.flatMap((host) => host.details)].join('\n');
    };
    expect(await details({ ...pem, passphrase: WRONG_PASSPHRASE })).toContain('cannot be used');
    expect(await details(MALFORMED)).toContain('has both a password and a private key');
  });

  it('then with a login that vCenter refuses in words that repeat the password', async () => {
    estate.vcenters[B]?.misbehave({ kind: 'echo', fault: 'InvalidLogin', operation: 'Login' });
    expect((await estate.aws.poll({ method: 'about', hostname: B })).payload).toMatchObject({
      success: 1,
      msg: expect.stringContaining('refused the login'),
    });
  });

  it('ends with a sweep function that dies under its event', async () => {
    const records = estate.aws.lambda.failureRecords().length;
    await estate.esxi.setBehaviour(addressOf(0), 'hangs-after-exec');
    const began = estate.aws.lambda.invocations(SWEEP).length;
    await estate.sweepNext({ target: A }, 'Event');
    const run = await pollUntil('the run', () => estate.aws.lambda.invocations(SWEEP)[began], {
      timeoutMs: 60_000,
    });
    await pollUntil('its log in', () => estate.vcenters[A]?.sessions() || undefined, { timeoutMs: 60_000 });
    run.sandbox.signal('SIGKILL');
    await run.answered;
    expect(estate.aws.lambda.failureRecords()).toHaveLength(records + 1);
  });

  it('is searched through by what is surely in it', async () => {
    const emissions = await emissionsOf(estate, netbox);
    const found = (sure: string) => new Set(findLeaks(emissions, [sure]));
    expect(found(ESXI_USER)).toContain(`table: ${ESXI_USER}`);
    for (const place of ['log', 'answer', 'queued event', 'destination', 'table']) {
      expect(found(A), place).toContain(`${place}: ${A}`);
    }
    expect(found('esx33-1')).toContain('push: esx33-1');
    expect(found('/api/dcim/devices')).toContain('NetBox query: /api/dcim/devices');
  });

  it.each(Object.entries(MARKED))('holds nothing of %s', async (_kind, secrets) => {
    expect(secrets).not.toEqual([]);
    expect(findLeaks(await emissionsOf(estate, netbox), secrets)).toEqual([]);
  });

  /**
   * The two secrets that travel in a payload, and each in a synchronous one only, of which Lambda keeps nothing: the
   * ticket to a worker, and a guest's account to a poll.
   */
  it('has tickets and accounts of guests nowhere but in the synchronous calls that are for them', () => {
    const requests = (name: string) =>
      synchronousRequests(estate, name).map((text) => ({ place: name, text }));
    const all = [SWEEP, WORKER, POLL].flatMap(requests);
    const where = (secrets: readonly string[]) => new Set(findLeaks(all, secrets));
    expect(where(MARKED['clone tickets'])).toEqual(new Set([`${WORKER}: ${TICKET_PREFIX}`]));
    const guests = MARKED['accounts of guests'];
    expect(where(guests)).toEqual(new Set(guests.map((secret) => `${POLL}: ${secret}`)));
    const { 'clone tickets': _tickets, 'accounts of guests': _guests, ...others } = MARKED;
    expect(where(Object.values(others).flat())).toEqual(new Set());
    // Who is never started by an event has no queue, and no destination.
    const types = (name: string) => new Set(estate.aws.lambda.invocations(name).map(({ type }) => type));
    expect([WORKER, POLL].map(types)).toEqual([new Set(['RequestResponse']), new Set(['RequestResponse'])]);
  });

  it('would hold it, and be found to, if a function printed, answered, threw, kept or pushed it', async () => {
    const secret = PASSWORDS.vcenter;
    await using folder = await createTemporaryFolder('leak');
    await leakFrom(estate, { secret, taskRoot: folder.path });
    const leaky = await emissionsOf(estate, netbox);
    expect(new Set(findLeaks(leaky, [secret]))).toEqual(
      new Set(
        ['log', 'answer', 'queued event', 'destination', 'table', 'push'].map((at) => `${at}: ${secret}`),
      ),
    );
  });
});

/** Deploys a function that leaks what its event holds in every way that there is, and invokes it by an event. */
async function leakFrom(
  { aws, gateway }: DemoEstate,
  { secret, taskRoot }: { secret: string; taskRoot: string },
): Promise<void> {
  const code = `exports.handler = async ({ secret, gateway }) => {
    console.log(Buffer.from('as basic: ' + secret).toString('base64'));
    await fetch(gateway, { method: 'PUT', body: secret });
    throw new Error('it was ' + encodeURIComponent(secret));
  }`;
  await writeFile(join(taskRoot, 'index.js'), code);
  aws.lambda.deploy('leaky', { taskRoot, env: {}, timeoutMs: 10_000 });
  const client = new LambdaClient({ endpoint: aws.lambda.url, ...TEST_ACCOUNT, maxAttempts: 1 });
  const Payload = JSON.stringify({ secret, gateway: gateway.url });
  await client.send(new InvokeCommand({ FunctionName: 'leaky', InvocationType: 'Event', Payload }));
  client.destroy();
  await aws.lambda.invocations('leaky').at(-1)?.answered;
  const { groups } = aws.dynamodb.state;
  await groups.record({ job: secret, instance: 'leak' }, { signal: new AbortController().signal });
}
