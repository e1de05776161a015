import { ConfigError } from '../config/errors.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { fingerprint, type HostKey } from '../esxi/host-key.ts';
import { readPresentedKey } from '../esxi/read-presented-key.ts';
import { systemClock } from '../platform/clock.ts';
import { startHeartbeat } from '../platform/heartbeat.ts';
import { normalAddress } from '../state/address-map.ts';
import type { HostKeyRecord } from '../state/host-keys.ts';
import { isOneOf } from '../sweep/plan/host-trust.ts';
import { formatTable } from './format-table.ts';
import { type StateOptions, withState } from './open-state.ts';
import { print, printError, printTime, tableWidth } from './terminal.ts';

/** `vsweep hostkey list`: every pinned key, or those that were pinned as hosts of one target. */
export async function hostkeyListCommand(
  options: StateOptions & { target?: string; json: boolean },
): Promise<number> {
  return await withState(options, async ({ state, loaded, signal }) => {
    if (options.target !== undefined) checkTarget(options.target, loaded, options.config);
    const pinned = await state.hostKeys.readAll({ signal });
    const keys = Array.from(pinned, ([endpoint, { target, ...key }]) => ({
      target,
      endpoint,
      ...described(key),
    })).filter(({ target }) => options.target === undefined || target === options.target);
    const rows = keys.map((one) => [
      one.target,
      one.endpoint,
      one.type,
      one.fingerprint,
      printTime(one.pinnedAt),
    ]);
    if (options.json) print(JSON.stringify(keys, undefined, 2));
    else if (keys.length === 0) print('no host key is pinned');
    else
      print(
        formatTable(['target', 'host', 'type', 'fingerprint', 'pinned'], rows, {
          width: tableWidth(options),
        }),
      );
    return 0;
  });
}

/**
 * `vsweep hostkey accept <target> <address:port>`: asks the host for its key, without logging in, and pins that key
 * when the operator gives its fingerprint.
 */
export async function hostkeyAcceptCommand(
  target: string,
  endpoint: string,
  options: StateOptions & { fingerprint?: string; json: boolean },
): Promise<number> {
  const { host, port } = parseEndpoint(endpoint);
  const at = `${host}:${port}`;
  if (options.table !== undefined && options.fingerprint !== undefined) {
    printError(notInTable(target, at, options.table));
    return 2;
  }
  return await withState(options, async ({ state, loaded, signal }) => {
    checkTarget(target, loaded, options.config);
    const pinned = await state.hostKeys.read(at, { signal });
    using heartbeat = startHeartbeat(systemClock);
    const presented = await readPresentedKey(
      {
        target: { host, port },
        ...(pinned === undefined ? {} : { knownKeyTypes: [pinned.type] }),
        timeouts: timeoutsOf(loaded),
      },
      { clock: systemClock, heartbeat },
      { signal },
    );
    const { accepted, revoked } = loaded.knownHosts.find({ address: host, port });
    const verdict = isOneOf(presented, revoked) ? 'revoked' : judge(pinned, presented, options.fingerprint);
    if (accepted.length > 0) printError(IN_FILE);
    const isWritten =
      verdict === 'accepted' &&
      (await state.hostKeys.replace(at, { key: presented, target, seen: pinned }, { signal }));
    if (verdict === 'accepted' && !isWritten) {
      printError(`the pinned key of ${at} was changed by somebody else at the same time; look again`);
      return 1;
    }
    const told = { target, endpoint: at, pinned, presented, verdict };
    print(options.json ? toJson(told) : printVerdict(told));
    return verdict === 'accepted' || verdict === 'same' ? 0 : 2;
  });
}

/** `vsweep hostkey forget <target> <address:port>`, or `--all`: the next key that a host shows is pinned. */
export async function hostkeyForgetCommand(
  target: string,
  endpoint: string | undefined,
  options: StateOptions & { all: boolean; json: boolean },
): Promise<number> {
  if ((endpoint === undefined) !== options.all) {
    printError('name one host as <address:port>, or all of the target by --all');
    return 2;
  }
  const at = endpoint === undefined ? undefined : parseEndpoint(endpoint);
  return await withState(options, async ({ state, signal }) => {
    const named = at && `${at.host}:${at.port}`;
    const which = named === undefined ? { target } : { endpoint: named };
    const forgotten = await state.hostKeys.forget(which, { signal });
    print(options.json ? JSON.stringify({ forgotten }) : `${forgotten} forgotten`);
    return 0;
  });
}

/** They carry a tag, whose key only the functions have. */
const notInTable = (target: string, endpoint: string, table: string) =>
  'functions on AWS believe only host keys that they pinned themselves. Put the key into esxi.hostKeys.file and deploy ' +
  `it, or let the next run pin the key that it meets: vsweep hostkey forget ${target} ${endpoint} --table ${table}`;

type Verdict = 'same' | 'accepted' | 'not-confirmed' | 'another-fingerprint' | 'revoked';

const IN_FILE =
  'esxi.hostKeys.file names keys of this host: they count, whatever is pinned; correct them there';

interface Judged {
  readonly target: string;
  readonly endpoint: string;
  readonly pinned: HostKeyRecord | undefined;
  readonly presented: HostKey;
  readonly verdict: Verdict;
}

function judge(pinned: HostKeyRecord | undefined, presented: HostKey, typed: string | undefined): Verdict {
  if (typed !== undefined && typed !== fingerprint(presented)) return 'another-fingerprint';
  if (pinned?.blob === presented.blob) return 'same';
  return typed === undefined ? 'not-confirmed' : 'accepted';
}

function printVerdict({ target, endpoint, pinned, presented, verdict }: Judged): string {
  const was =
    pinned === undefined
      ? 'none'
      : `${pinned.type} ${fingerprint(pinned)}, since ${printTime(pinned.pinnedAt)}`;
  const next: Record<Verdict, string> = {
    same: 'the host presents the key that is pinned',
    accepted: 'the presented key is pinned now',
    'not-confirmed':
      "Compare the presented fingerprint with the host's own (on its console: ssh-keygen -lf " +
      `/etc/ssh/ssh_host_…_key.pub), then repeat this with --fingerprint ${fingerprint(presented)}`,
    'another-fingerprint': 'the host presents another key than the one of --fingerprint; nothing was changed',
    revoked: 'the presented key is revoked in esxi.hostKeys.file; nothing was changed',
  };
  return [
    `${target} ${endpoint}`,
    `  pinned     ${was}`,
    `  presented  ${presented.type} ${fingerprint(presented)}`,
    next[verdict],
  ].join('\n');
}

const toJson = ({ pinned, presented, ...rest }: Judged) =>
  JSON.stringify(
    { ...rest, pinned: pinned === undefined ? null : described(pinned), presented: described(presented) },
    undefined,
    2,
  );

const described = <Key extends HostKey>({ blob, ...key }: Key) => ({
  ...key,
  fingerprint: fingerprint({ type: key.type, blob }),
});

export function checkTarget(target: string, { config }: LoadedConfig, file: string): void {
  if (config.targets.some(({ name }) => name === target)) return;
  const names = config.targets.map(({ name }) => name).join(', ');
  throw new ConfigError(file, [
    { path: 'targets', message: `there is no target "${target}"; there are ${names}` },
  ]);
}

/** `10.0.0.7:22`, `esx01.example.org:22`, `[fe80::1]:22` or, as it is listed, `fe80::1:22`. */
function parseEndpoint(text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|(.+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  if (host !== undefined && isPort) return { host: normalAddress(host), port: Number(port) };
  throw new ConfigError('the command line', [
    { path: text, message: 'is not <address:port>; "vsweep hostkey list" has them' },
  ]);
}

const DEFAULT_TIMEOUTS = { connectMs: 3_000, loginMs: 15_000 };

function timeoutsOf({ config }: LoadedConfig) {
  return config.esxi === undefined
    ? DEFAULT_TIMEOUTS
    : {
        connectMs: config.esxi.timeouts.connectSeconds * 1_000,
        loginMs: config.esxi.timeouts.loginSeconds * 1_000,
      };
}
