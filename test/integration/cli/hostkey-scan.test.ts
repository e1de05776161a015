import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { outcomesOf, type SmallFleet, startSmallFleet } from '../sweep/small-fleet.ts';
import { vsweep } from './vsweep-command.ts';

const MAIN = fileURLToPath(new URL('../../../lib/cli/main.ts', import.meta.url));
/** Runs its arguments on a terminal of their own, typed at by standard input; ends with their exit code. */
const ON_A_TERMINAL =
  'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])) & 255)';
const hasTerminals = spawnSync('python3', ['-c', 'import os, pty; os.waitstatus_to_exitcode']).status === 0;

const REFUSE = '{ unknown: refuse }';
const scan = (fleet: SmallFleet, ...args: string[]) => vsweep(fleet.folder, 'hostkey', 'scan', ...args);
/** `<name> <status>` of each host of a scan. */
const statusesOf = ({ output }: { output: string }) =>
  (JSON.parse(output) as { name: string; status: string }[])
    .map(({ name, status }) => `${name} ${status}`)
    .toSorted();
const authRequests = (fleet: SmallFleet, number: number) =>
  fleet.esxi.authRequests(fleet.addressOf(number)).length;

/** A fleet whose list is known and whose host keys are not. */
async function startUnknownFleet(hosts: Parameters<typeof startSmallFleet>[0]['hosts']) {
  const fleet = await startSmallFleet({ hosts, hostKeys: REFUSE });
  await fleet.sweep();
  return fleet;
}

/** `hostkey scan --accept` on a terminal, where its question is answered. */
async function answerOnTerminal(folder: string, answer: string) {
  const command = [process.execPath, MAIN, 'hostkey', 'scan', '--accept'];
  const child = spawn('python3', ['-c', ON_A_TERMINAL, ...command], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes('[y/N]') && child.stdin.writable) child.stdin.end(answer);
  });
  const [exitCode] = await once(child, 'close');
  return { output, exitCode };
}

describe('vsweep hostkey scan', () => {
  it('shows the keys of hosts that are not known, without a login, and changes nothing', async () => {
    await using fleet = await startUnknownFleet([
      {},
      { behaviour: 'closed' },
      { vcenter: { powerState: 'poweredOff' } },
    ]);
    const { output, exitCode } = await scan(fleet);
    expect(output).toMatch(/vc1 +esx1 +\S+ +unknown +ecdsa-sha2-nistp256 SHA256:\S{43} +-$/m);
    expect(output).toMatch(/vc1 +esx2 +\S+ +unread +.*ECONNREFUSED/m);
    expect(output).toMatch(/^0 of 2 hosts presented a known key$/m);
    expect(exitCode).toBe(3);
    expect(authRequests(fleet, 1)).toBe(0);
    expect(statusesOf(await scan(fleet, '--json'))).toEqual(['esx1 unknown', 'esx2 unread']);
  });

  it('accepts every key when that is said, and then only knows hosts', async () => {
    await using fleet = await startUnknownFleet([{}, {}]);
    expect(await scan(fleet, '--accept', '--all')).toMatchObject({ exitCode: 0 });
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok ok', 'esx2: ok ok']);
    expect((await scan(fleet)).output).toBe('2 of 2 hosts presented a known key\n');
  });

  it('accepts those whose fingerprint is in a file, and leaves the others', async () => {
    await using fleet = await startUnknownFleet([{}, {}]);
    const [first] = JSON.parse((await scan(fleet, '--json')).output) as {
      fingerprint: string;
      name: string;
    }[];
    await writeFile(
      join(fleet.folder, 'prints'),
      `256 ${first?.fingerprint} root@host (ECDSA)\n256 SHA256:short\n`,
    );
    const ended = await scan(fleet, '--accept', '--fingerprints', 'prints', '--json');
    expect(ended.exitCode).toBe(3);
    expect(
      (JSON.parse(ended.output) as { acceptedNow?: true }[]).filter((one) => one.acceptedNow),
    ).toHaveLength(1);
    const after = await scan(fleet, '--json');
    expect(
      statusesOf(after)
        .map((one) => one.split(' ')[1])
        .toSorted(),
    ).toEqual(['known', 'unknown']);
    expect(statusesOf(after)).toContain(`${first?.name} known`);
  });

  it('prints lines that make the hosts known when they are the file', async () => {
    await using fleet = await startUnknownFleet([{}, {}]);
    const { output } = await scan(fleet, '--known-hosts');
    await writeFile(join(fleet.folder, 'known_hosts'), output);
    await fleet.configure({ hostKeys: '{ unknown: refuse, file: known_hosts }' });
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok ok', 'esx2: ok ok']);
    fleet.esxi.rekey(fleet.addressOf(1));
    expect(await scan(fleet, '--accept', '--all')).toMatchObject({
      exitCode: 3,
      output: expect.stringMatching(/esx1 +\S+ +changed +.*\n1 of 2 .*\n0 accepted\n/),
    });
    const accept = (number: number, ...more: string[]) => {
      const at = `${fleet.addressOf(number)}:${fleet.esxi.port}`;
      return vsweep(fleet.folder, 'hostkey', 'accept', 'vc1', at, ...more);
    };
    const [, shown = ''] = /(SHA256:\S+)/.exec((await accept(1)).output.split('presented')[1] ?? '') ?? [];
    expect(await accept(1, '--fingerprint', shown)).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining('has other keys of this host'),
    });
    expect(await accept(2)).toMatchObject({ exitCode: 0, output: expect.stringContaining('is accepted') });
    expect((await vsweep(fleet.folder, 'hostkey', 'list')).output).toBe('no host key is pinned\n');
  });

  it('shows a changed key beside the accepted one, and accepts no key that is revoked', async () => {
    await using fleet = await startUnknownFleet([{}]);
    await scan(fleet, '--accept', '--all');
    fleet.esxi.rekey(fleet.addressOf(1));
    const [changed] = JSON.parse((await scan(fleet, '--json')).output) as Record<string, unknown>[];
    expect(changed).toMatchObject({ status: 'changed', accepted: [expect.stringMatching(/^SHA256:/)] });
    await writeFile(
      join(fleet.folder, 'known_hosts'),
      `@revoked * ${changed?.['type']} ${changed?.['key']}\n`,
    );
    await fleet.configure({ hostKeys: '{ unknown: refuse, file: known_hosts }' });
    const ended = await scan(fleet, '--accept', '--all');
    expect(ended).toMatchObject({ exitCode: 3, output: expect.stringContaining('0 accepted') });
    expect(ended.output).toMatch(/esx1 +\S+ +revoked/);
    const at = `${fleet.addressOf(1)}:${fleet.esxi.port}`;
    const one = await vsweep(
      fleet.folder,
      'hostkey',
      'accept',
      'vc1',
      at,
      '--fingerprint',
      String(changed?.['fingerprint']),
    );
    expect(one).toMatchObject({ exitCode: 2, output: expect.stringContaining('is revoked') });
  });

  it('says what is missing: a list, a target, an answer', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}], hostKeys: REFUSE });
    expect(await scan(fleet)).toMatchObject({
      exitCode: 3,
      errors: expect.stringContaining('run a sweep on it first'),
    });
    expect(await scan(fleet, '--target', 'vc9')).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('vc1'),
    });
    for (const [args, message] of [
      [['--accept'], /there is no terminal to confirm on/],
      [['--all'], /need --accept/],
      [['--table', 'vsweep'], /only the deployed functions can use.* vsweep invoke hostkeys /],
      [['--known-hosts', '--table', 'vsweep'], /only the deployed functions can use/],
      [['--accept', '--all', '--table', 'vsweep'], /only the deployed functions can use/],
      [['--accept', '--all', '--fingerprints', 'x'], /not both/],
      [['--known-hosts', '--json'], /cannot be combined with --json/],
      [['--accept', '--fingerprints', 'missing'], /missing cannot be read/],
    ] as const) {
      expect(await scan(fleet, ...args)).toMatchObject({
        exitCode: 2,
        errors: expect.stringMatching(message),
      });
    }
  });

  describe.skipIf(!hasTerminals)('on a terminal (needs python3)', () => {
    it.each([
      ['y\n', 0, '1 accepted'],
      ['n\n', 3, '0 accepted'],
      ['\n', 3, '0 accepted'],
    ])('asks before it accepts: %j', async (answer, exitCode, told) => {
      await using fleet = await startUnknownFleet([{}]);
      const ended = await answerOnTerminal(fleet.folder, answer);
      expect(ended.output).toContain('Accept this key? [y/N]');
      expect(ended).toMatchObject({ exitCode, output: expect.stringContaining(told) });
    });
  });
});
