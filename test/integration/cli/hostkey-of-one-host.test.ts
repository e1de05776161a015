import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hostkeyAcceptCommand, hostkeyListCommand } from '../../../lib/cli/hostkey.ts';
import { hostkeyScanCommand } from '../../../lib/cli/hostkey-scan.ts';
import { here } from '../../support/cli/here.ts';
import { newHostKey, type OddServer, startOddServer } from '../../support/ssh/odd-server.ts';
import { createConfigured } from './command-here.ts';

const o = { signal: new AbortController().signal };
const OLD = { type: 'ssh-rsa', blob: btoa('old') };
const OLD_FINGERPRINT = /SHA256:\S{43}/;

/** A target of one host, which presents its key to whoever asks. */
describe('host keys of one host', () => {
  let host: OddServer;
  let at: Awaited<ReturnType<typeof createConfigured>>;
  let endpoint: string;
  beforeAll(async () => {
    host = await startOddServer({ hostKeys: [newHostKey()] });
    endpoint = `${host.address}:${host.port}`;
  });
  afterAll(async () => {
    await at?.[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await at?.[Symbol.asyncDispose]();
    at = await createConfigured({
      targets: [{ name: 'lab', hosts: [{ name: 'esx1' }] }],
      esxi: {
        credentials: { env: 'ESXI' },
        hostKeys: { unknown: 'refuse' },
        overrides: { esx1: endpoint },
      },
      sweeps: [{ name: 'services', every: '10m', collectors: ['ssh-services'] }],
    });
  });

  type ScanOptions = Parameters<typeof hostkeyScanCommand>[0];
  const scan = (more: Partial<ScanOptions> = {}) =>
    here(() => hostkeyScanCommand({ ...at.text, accept: false, all: false, knownHosts: false, ...more }));
  const accept = (more: Partial<Parameters<typeof hostkeyAcceptCommand>[2]> = {}) =>
    here(() => hostkeyAcceptCommand('lab', endpoint, { ...at.text, ...more }));
  const presented = async (): Promise<string> =>
    (JSON.parse((await scan({ json: true })).output) as { fingerprint: string }[])[0]?.fingerprint ?? '';
  const pin = () => at.withState(({ hostKeys }) => hostKeys.pin(endpoint, { key: OLD, target: 'lab' }, o));
  const statuses = async () =>
    (JSON.parse((await scan({ json: true })).output) as { status: string }[]).map(({ status }) => status);

  it('a scan accepts an unknown key when that is said, and ends with 0 only when all keys are known', async () => {
    const fingerprint = await presented();
    const before = await scan();
    expect(before.exitCode).toBe(3);
    expect(before.errors).toBe('');
    expect(
      before.output
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['target', 'host', 'address', 'key', 'presented', 'accepted'],
      ['lab', 'esx1', endpoint, 'unknown', `ecdsa-sha2-nistp256 ${fingerprint}`, '-'],
      ['0 of 1 hosts presented a known key'],
    ]);
    const accepted = await scan({ accept: true, all: true });
    expect([accepted.exitCode, accepted.output.split('\n').at(-2)]).toEqual([0, '1 accepted']);
    expect(await scan()).toEqual({
      output: '1 of 1 hosts presented a known key\n',
      errors: '',
      exitCode: 0,
    });
    const again = await scan({ accept: true, all: true });
    expect(again).toEqual({
      output: '1 of 1 hosts presented a known key\n0 accepted\n',
      errors: '',
      exitCode: 0,
    });
  });

  it('a scan accepts a key in place of a pinned one, and says in JSON which it accepted', async () => {
    await pin();
    expect(await statuses()).toEqual(['changed']);
    const { output, exitCode } = await scan({ accept: true, all: true, json: true });
    expect([exitCode, JSON.parse(output)]).toEqual([
      0,
      [
        {
          target: 'lab',
          name: 'esx1',
          address: host.address,
          port: host.port,
          status: 'changed',
          from: 'pin',
          type: 'ecdsa-sha2-nistp256',
          fingerprint: expect.stringMatching(OLD_FINGERPRINT),
          key: expect.any(String),
          accepted: [expect.stringMatching(OLD_FINGERPRINT)],
          acceptedNow: true,
        },
      ],
    ]);
    expect(await statuses()).toEqual(['known']);
  });

  it('a scan accepts no key whose fingerprint is not in the file that is named', async () => {
    const prints = join(dirname(at.text.config), 'prints');
    await writeFile(prints, `256 SHA256:${'A'.repeat(43)} other\n256 ${await presented()}x y\n`);
    const none = await scan({ accept: true, fingerprints: prints });
    expect([none.exitCode, none.output.split('\n').at(-2)]).toEqual([3, '0 accepted']);
    await writeFile(prints, `256 ${await presented()} root@esx1 (ECDSA)\n`);
    const one = await scan({ accept: true, fingerprints: prints });
    expect([one.exitCode, one.output.split('\n').at(-2)]).toEqual([0, '1 accepted']);
    await expect(scan({ accept: true, fingerprints: `${prints}.gone` })).rejects.toMatchObject({
      issues: [
        { path: '--fingerprints', message: expect.stringMatching(/prints\.gone cannot be read: .*ENOENT/) },
      ],
    });
  });

  it('a scan prints lines of known_hosts and nothing else, and of no other target than the one that is named', async () => {
    const fingerprint = await presented();
    const { output, exitCode } = await scan({ knownHosts: true });
    expect(exitCode).toBe(3);
    expect(output).toMatch(/^\[127\.0\.63\.1\]:\d+ ecdsa-sha2-nistp256 \S+ esx1 SHA256:\S+ compare this key/);
    expect(output).toContain(fingerprint);
    expect((await scan({ target: 'lab', json: true })).output).toContain(fingerprint);
    await expect(scan({ target: 'vc9' })).rejects.toMatchObject({
      issues: [{ path: 'targets', message: 'there is no target "vc9"; known targets: lab' }],
    });
  });

  it.each<[Partial<ScanOptions>, string]>([
    [{ all: true }, '--all and --fingerprints need --accept'],
    [{ fingerprints: 'x' }, '--all and --fingerprints need --accept'],
    [{ accept: true, all: true, fingerprints: 'x' }, 'write --all or --fingerprints, not both'],
    [{ knownHosts: true, json: true }, '--known-hosts cannot be combined with --json or --accept'],
    [
      { knownHosts: true, accept: true, all: true },
      '--known-hosts cannot be combined with --json or --accept',
    ],
    [
      { accept: true },
      'there is no terminal to confirm on; add --fingerprints <file>, or --all to accept every key',
    ],
    [
      { accept: true, json: true },
      'there is no terminal to confirm on; add --fingerprints <file>, or --all to accept every key',
    ],
    [
      { table: 'vsweep' },
      'the state on AWS is sealed: only the deployed functions can use its host keys. Run: vsweep invoke hostkeys (to accept keys: add --known-hosts, compare the lines, put them into esxi.hostKeys.file and deploy it)',
    ],
  ])('a scan takes no options that contradict each other: %j', async (options, message) => {
    expect(await scan(options)).toEqual({ output: '', errors: `${message}\n`, exitCode: 2 });
  });

  it('a scan needs a section for hosts', async () => {
    await using configured = await createConfigured({
      targets: [{ name: 'vc1', credentials: { env: 'VC' } }],
      sweeps: [{ name: 'status', every: '10m', collectors: ['overall-status'] }],
    });
    await expect(scan(configured.text)).rejects.toMatchObject({
      issues: [{ path: 'esxi', message: 'is missing: no host is asked by ssh' }],
    });
  });

  it('a key is accepted by its fingerprint alone, in place of the pinned one, and shown beside it', async () => {
    const fingerprint = await presented();
    const shown = (pinned: string, said: string) =>
      `lab ${endpoint}\n  pinned     ${pinned}\n  presented  ecdsa-sha2-nistp256 ${fingerprint}\n${said}\n`;
    const compare = expect.stringContaining(
      `then run: vsweep hostkey accept lab ${endpoint} --fingerprint ${fingerprint}`,
    );
    const first = await accept();
    expect(first).toMatchObject({ exitCode: 2, output: compare });
    expect(first.output.startsWith(shown('none', '').trimEnd())).toBe(true);
    await pin();
    const other = await accept({ fingerprint: `SHA256:${'A'.repeat(43)}` });
    expect(other.exitCode).toBe(2);
    expect(other.output).toMatch(/\n {2}pinned {5}ssh-rsa SHA256:\S{43}, since 20\S+Z\n/);
    expect(other.output).toContain('another fingerprint than --fingerprint; nothing was changed');
    const { output, exitCode } = await accept({ fingerprint, json: true });
    expect([exitCode, JSON.parse(output)]).toEqual([
      0,
      {
        target: 'lab',
        endpoint,
        verdict: 'accepted',
        pinned: {
          type: 'ssh-rsa',
          target: 'lab',
          pinnedAt: expect.any(Number),
          fingerprint: expect.stringMatching(OLD_FINGERPRINT),
        },
        presented: { type: 'ecdsa-sha2-nistp256', fingerprint },
      },
    ]);
    const same = await accept();
    expect([same.exitCode, same.output.split('\n').at(-2)]).toEqual([0, 'the host presents the pinned key']);
    const listed = await here(() => hostkeyListCommand({ ...at.json, target: 'lab' }));
    expect(JSON.parse(listed.output)).toMatchObject([{ endpoint, fingerprint }]);
  });

  it('a key is not accepted in the state on AWS, where only functions pin', async () => {
    expect(await accept({ table: 'vsweep' })).toEqual({
      output: '',
      errors: `the state on AWS is sealed: functions use only host keys that they pinned themselves. Get the key (vsweep invoke hostkeys --target lab), put it into esxi.hostKeys.file and deploy it. Under trust-first the next run also pins a new key after: vsweep hostkey forget lab ${endpoint} --table vsweep\n`,
      exitCode: 2,
    });
  });
});
