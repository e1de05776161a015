import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../../lib/config/check-config.ts';
import { ConfigError } from '../../../lib/config/errors.ts';

const PIN = Array(32).fill('AB').join(':');
/** Each key of the configuration at least once; `credentials` and `tls` in each of their forms. */
const FULL = {
  targets: [
    { name: 'a', url: 'https://a/sdk', site: 's', credentials: { file: 'a.yaml' }, tls: { ca: 'a.pem' } },
    { name: 'b', credentials: { secret: 'b' }, tls: { sha256: [PIN] } },
  ],
  esxi: {
    credentials: { env: 'ESXI', scope: 'host' },
    address: 'name',
    domain: 'example.org',
    port: 22,
    overrides: { esx07: '10.0.0.7:2222' },
    services: ['hostd'],
    lockdown: 'skip',
    maintenance: 'collect',
    concurrency: 250,
    timeouts: { connectSeconds: 3, loginSeconds: 15, commandSeconds: 15 },
  },
  sweeps: [{ name: 's', every: '1m', collectors: ['overall-status'], targets: ['a'], job: 'j' }],
  netbox: {
    url: 'https://netbox',
    token: { env: 'NETBOX' },
    tls: { ca: 'netbox.pem' },
    filter: { platform: 'vmware-esxi', status: ['active', 'staged'], has_primary_ip: true },
    cacheMinutes: 60,
    whenDown: 'use-stale',
  },
  push: { url: 'https://gw', credentials: { env: 'PUSH' }, tls: { ca: 'gw.pem' }, gzip: true },
  exporter: { listen: '127.0.0.1:9666' },
  blacklist: { minutes: 20 },
  state: { path: 'state' },
};
type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [
    ...(path.length === 0 ? [] : [path]),
    ...below.flatMap(([key, one]) => pathsOf(one, [...path, key])),
  ];
}

/** The maps whose keys are fixed. */
function sectionsOf(value: unknown): Path[] {
  const isMap = (path: Path) => {
    const at = path.reduce<unknown>((one, key) => (one as Record<string | number, unknown>)[key], value);
    return (
      typeof at === 'object' && !Array.isArray(at) && !['overrides', 'filter'].includes(String(path.at(-1)))
    );
  };
  return [[], ...pathsOf(value)].filter(isMap);
}

/** A copy with another value at the path; without the key when `value` is undefined. */
function put(from: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(from)) return from.map((one, at) => (at === key ? put(one, rest, value) : one));
  const { [key]: old, ...others } = from as Record<string, unknown>;
  const changed = put(old, rest, value);
  return changed === undefined ? others : { ...others, [key]: changed };
}

function faultsOf(config: unknown): readonly { path: string; message: string }[] {
  const collectors = { names: ['overall-status'], overSsh: [], overVcenter: ['overall-status'] };
  try {
    checkConfig(config as Record<string, unknown>, { file: 'f', collectors });
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  return [];
}
const messageAt = (path: Path, value: unknown) =>
  faultsOf(put(FULL, path, value))
    .map(({ message }) => message)
    .join('\n');

const WRONG = [
  null,
  5,
  -1,
  1e9,
  true,
  '',
  'x',
  'x y',
  ' '.repeat(5_000),
  [],
  [5],
  [[]],
  Array(1_001).fill({}),
  {},
  { a: 5 },
];
/** What zod says when the schema has nothing to say. */
const OF_ZOD = /^(?:Invalid|Too (?:big|small)|Unrecognized|Expected|Required)/;

describe('the messages of the configuration', () => {
  it('have something to check: the whole is taken', () => {
    expect(faultsOf(FULL)).toEqual([]);
  });

  it.each(pathsOf(FULL).map((path) => [path.join('.'), path] as const))(
    'say what to write instead of any wrong value of %s',
    (_name, path) => {
      for (const value of [undefined, ...WRONG]) {
        for (const { message } of faultsOf(put(FULL, path, value))) {
          expect(message).not.toMatch(OF_ZOD);
          expect(message).not.toBe('');
        }
      }
      expect([5, true, [[]]].some((value) => faultsOf(put(FULL, path, value)).length > 0)).toBe(true);
    },
  );

  it.each(sectionsOf(FULL).map((path) => [path.join('.'), path] as const))(
    'name a key too many in the section "%s"',
    (_name, path) => {
      expect(messageAt([...path, 'zzz'], 5)).toMatch(/^"zzz" is unknown; there are /);
    },
  );

  it.each(['10.0.0.7:99999', '10.0.0.7:0', '[fe80::1]:65536', 'fe80::1', '10.0.0.7:'])(
    'refuse the override %s and name the ports and the brackets',
    (written) => {
      const message = messageAt(['esxi', 'overrides', 'esx07'], written);
      expect(message).toContain('1 to 65535');
      expect(message).toContain('"[fe80::1]:22"');
    },
  );

  it.each(['10.0.0.7', 'esx07.example.org:65535', '[fe80::1]', '[fe80::1]:1'])(
    'take the override %s',
    (written) => {
      expect(messageAt(['esxi', 'overrides', 'esx07'], written)).toBe('');
    },
  );

  it('say that the URL of a vCenter is https', () => {
    expect(messageAt(['targets', 0, 'url'], 'http://vc01/sdk')).toContain('an https URL');
  });

  it('name the key that was probably meant, and all keys of the section', () => {
    expect(messageAt(['esxi', 'service'], ['hostd'])).toMatch(
      /^"service" is unknown; did you mean "services"\? there are credentials, address, .*timeouts$/,
    );
    expect(messageAt(['esxi', 'timeouts', 'connectSecond'], 3)).toContain('did you mean "connectSeconds"?');
    expect(messageAt(['sweep'], [])).toMatch(
      /^"sweep" is unknown; did you mean "sweeps"\? there are targets, /,
    );
    expect(messageAt(['push', 'colour'], 'red')).toBe(
      '"colour" is unknown; there are url, credentials, tls, gzip',
    );
  });
});
