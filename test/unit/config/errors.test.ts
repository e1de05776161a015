import { describe, expect, it } from 'vitest';
import { ConfigError, withPlaces } from '../../../lib/config/errors.ts';
import { knownHostsFile } from '../../../lib/config/known-hosts/load-known-hosts.ts';
import { parseKnownHosts } from '../../../lib/config/known-hosts/parse-known-hosts.ts';
import { sayNoCollector, sayUnknown } from '../../../lib/config/unknown-keys.ts';

const issue = (path: string) => ({ path, message: 'is wrong' });

describe('the faults of a configuration', () => {
  it('stand in the order of the file, those without a place first', () => {
    const places: Readonly<Record<string, { line: number; column: number }>> = {
      late: { line: 3, column: 1 },
      second: { line: 2, column: 10 },
      first: { line: 2, column: 9 },
    };
    const issues = ['late', 'nowhere', 'second', 'first'].map(issue);
    expect(withPlaces(issues, (path) => places[path])).toStrictEqual([
      issue('nowhere'),
      ...['first', 'second', 'late'].map((path) => ({ ...issue(path), place: places[path] })),
    ]);
    expect(withPlaces(issues, undefined)).toEqual(issues);
  });

  it('are counted and told one a line, with place and path where they have them', () => {
    const one = new ConfigError('vsweep.yaml', [issue('')]);
    expect(one).toMatchObject({ message: 'vsweep.yaml: 1 fault\n  is wrong', code: 'config' });
    const placed = { ...issue('a.b'), place: { line: 3, column: 5 } };
    const cause = new Error('cause');
    const two = new ConfigError('f', [placed, issue('c')], cause);
    expect(two.message).toBe('f: 2 faults\n  line 3, column 5: a.b: is wrong\n  c: is wrong');
    expect([two.issues, two.cause]).toEqual([[placed, issue('c')], cause]);
    expect(new ConfigError('f', []).message).toBe('f: 0 faults\n');
  });

  it('name what was probably meant, or all that there is', () => {
    expect(sayNoCollector('hosst', ['hosts', 'vms'])).toBe(
      'there is no collector "hosst"; did you mean "hosts"?',
    );
    expect(sayNoCollector('elephant', ['hosts', 'vms'])).toBe(
      'there is no collector "elephant"; known collectors: hosts, vms',
    );
    expect(sayUnknown('ulr', ['url', 'tls'])).toBe(
      '"ulr" is unknown; did you mean "url"? Known keys: url, tls',
    );
    expect(sayUnknown('elephant', ['url', 'tls'])).toBe('"elephant" is unknown; known keys: url, tls');
  });
});

describe('the file of host keys', () => {
  it.each([
    [{ esxi: { hostKeys: { file: 'known_hosts' } } }, 'known_hosts'],
    [{ esxi: { hostKeys: { file: '' } } }, undefined],
    [{ esxi: { hostKeys: { file: 7 } } }, undefined],
    [{ esxi: { hostKeys: 'known_hosts' } }, undefined],
    [{ esxi: { file: 'known_hosts', '': { file: 'other' } } }, undefined],
    [{ esxi: null }, undefined],
    [{}, undefined],
  ])('that %j names', (raw, file) => {
    expect(knownHostsFile(raw)).toBe(file);
  });

  it('takes as many names a line as there may be, and no more', () => {
    const wire = Buffer.concat([Buffer.from([0, 0, 0, 7]), Buffer.from('ssh-rsaX')]);
    const line = (count: number) =>
      `${Array.from({ length: count }, (_, n) => `esx${n}`).join(',')} ssh-rsa ${wire.toString('base64')}`;
    expect(parseKnownHosts(line(1_024)).faults).toEqual([]);
    expect(parseKnownHosts(line(1_025)).faults).toEqual([
      { line: 1, message: 'has more than 1024 names; write several lines' },
    ]);
    const salt = Buffer.alloc(20).toString('base64');
    const hashed = (name: string) =>
      parseKnownHosts(`${name} ssh-rsa ${wire.toString('base64')}`).faults.map(({ message }) => message);
    expect(hashed(`|1|${salt}|${salt}`)).toEqual([]);
    for (const name of [`|0|1|${salt}|${salt}`, `|1|${salt}|${salt}|`, `|1|${salt}`, `|2|${salt}|${salt}`])
      expect(hashed(name), name).toEqual([
        'has a hashed name that is not "|1|<salt>|<hash>", each 20 bytes in base64',
      ]);
  });
});
