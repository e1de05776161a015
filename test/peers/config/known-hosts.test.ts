import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { createKnownHosts } from '../../../lib/config/known-hosts/find-keys.ts';
import { knownHostsName } from '../../../lib/config/known-hosts/known-hosts.ts';
import { parseKnownHosts } from '../../../lib/config/known-hosts/parse-known-hosts.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const run = promisify(execFile);
const TYPES = ['ed25519', 'ecdsa', 'rsa', 'ed25519'];

/** Lines of the file that OpenSSH finds for a name, as `<number> <marker>`. */
async function findByOpenssh(name: string, file: string): Promise<string[]> {
  const { stdout } = await run('ssh-keygen', ['-F', name, '-f', file]).catch(
    (error: { stdout: string }) => error,
  );
  return Array.from(
    stdout.matchAll(/^# Host .* found: line (\d+) ?(REVOKED)?/gm),
    ([, line, marker = '']) => `${line} ${marker}`,
  ).toSorted();
}

/**
 * What vsweep has to find: what OpenSSH does, and on another port than 22 also what OpenSSH has revoked under the bare
 * name. That is stricter on purpose (ADR 0023).
 */
async function expectedIn(
  { address, port }: { address: string; port: number },
  file: string,
): Promise<string[]> {
  const exact = await findByOpenssh(knownHostsName({ address, port }), file);
  const bare = await findByOpenssh(knownHostsName({ address, port: 22 }), file);
  return [...new Set([...exact, ...bare.filter((one) => one.endsWith('REVOKED'))])].toSorted();
}

/** The same by vsweep's reading, of lines without a revoked key's effect on others. */
function findByVsweep(host: { address: string; port: number }, text: string): string[] {
  const { lines, faults } = parseKnownHosts(text);
  expect(faults).toEqual([]);
  return lines
    .filter((line) => {
      const { accepted, revoked } = createKnownHosts([line]).find(host);
      return accepted.length + revoked.length > 0;
    })
    .map(({ number, revoked }) => `${number} ${revoked ? 'REVOKED' : ''}`)
    .toSorted();
}

const ADDRESSES = ['esx1', 'esx2.example.org', 'esx10.example.org', '10.0.0.1', 'fe80::1'];
const host = fc.record({
  address: fc.constantFrom(...ADDRESSES),
  port: fc.constantFrom(22, 2222),
});
const pattern = fc.oneof(
  host.map(knownHostsName),
  fc.constantFrom(
    '*',
    'esx*',
    'ESX1',
    '*.example.org',
    'esx?',
    'esx??.example.org',
    '[*]:2222',
    '10.0.0.?',
    '!*.org',
  ),
  fc.constantFrom(...ADDRESSES).map((one) => `!${one}`),
);

describeWithPeers(['ssh-keygen'], 'a known_hosts file, beside ssh-keygen', () => {
  let keys: readonly string[];

  beforeAll(async () => {
    await using folder = await createTemporaryFolder('keys');
    keys = await Promise.all(
      TYPES.map(async (type, index) => {
        const path = join(folder.path, `key${index}`);
        await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'a comment of mine', '-f', path]);
        return (await readFile(`${path}.pub`, 'utf8')).trim();
      }),
    );
  }, 60_000);

  const line = fc.record({
    marker: fc.constantFrom('', '', '', '@revoked '),
    patterns: fc
      .array(pattern, { minLength: 1, maxLength: 4 })
      .filter((all) => all.some((one) => !one.startsWith('!'))),
    key: fc.nat(TYPES.length - 1),
    before: fc.constantFrom('', '# a comment\n', '\n', '   \n'),
  });
  const file = fc.array(line, { minLength: 1, maxLength: 8 });
  type Line = typeof line extends fc.Arbitrary<infer One> ? One : never;
  const print = (lines: readonly Line[]) =>
    lines.map((one) => `${one.before}${one.marker}${one.patterns.join(',')} ${keys[one.key]}\n`).join('');

  it('is found in by the same names, line by line, with the same markers', { timeout: 120_000 }, async () => {
    await using folder = await createTemporaryFolder('known-hosts');
    const path = join(folder.path, 'known_hosts');
    await fc.assert(
      fc.asyncProperty(file, host, async (lines, asked) => {
        const text = print(lines);
        await writeFile(path, text);
        expect(findByVsweep(asked, text)).toEqual(await expectedIn(asked, path));
      }),
      { numRuns: 150 },
    );
  });

  it('is found in by the same names after ssh-keygen hashed it', { timeout: 120_000 }, async () => {
    await using folder = await createTemporaryFolder('hashed-hosts');
    const path = join(folder.path, 'known_hosts');
    let hashed = 0;
    await fc.assert(
      fc.asyncProperty(file, host, async (lines, asked) => {
        await writeFile(path, print(lines));
        await run('ssh-keygen', ['-H', '-f', path]);
        const text = await readFile(path, 'utf8');
        hashed += text.split('|1|').length - 1;
        expect(findByVsweep(asked, text)).toEqual(await expectedIn(asked, path));
      }),
      { numRuns: 75 },
    );
    expect(hashed).toBeGreaterThan(20);
  });
});
