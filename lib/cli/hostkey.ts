import { ConfigError } from '../config/errors.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { sayNoTarget } from '../config/unknown-names.ts';
import { fingerprint, type HostKey } from '../esxi/host-key.ts';
import { readPresentedKey } from '../esxi/read-presented-key.ts';
import { systemClock } from '../platform/clock.ts';
import { withHeartbeat } from '../platform/heartbeat.ts';
import { endpointOf, normalAddress } from '../state/address-map.ts';
import type { HostKeyRecord } from '../state/stores/host-keys.ts';
import { formatTable } from './format-table.ts';
import { explainVerdict, isAccepted, judgeKey, type KeyVerdict } from './key-verdict.ts';
import { calledSo, readNamedHosts } from './named-hosts.ts';
import { type StateOptions, type StateWork, withState } from './open-state.ts';
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
 * `vsweep hostkey accept <target> <host>`: asks the host for its key, without logging in, and pins that key
 * when the operator gives its fingerprint.
 */
export async function hostkeyAcceptCommand(
  target: string,
  endpoint: string,
  options: StateOptions & { fingerprint?: string; json: boolean },
): Promise<number> {
  if (options.table !== undefined) {
    printError(notInTable(target, endpoint, options.table));
    return 2;
  }
  return await withState(options, async ({ state, loaded, signal }) => {
    checkTarget(target, loaded, options.config);
    const { host, port } = await findEndpoint(endpoint, { target, state, loaded, signal });
    const at = `${host}:${port}`;
    const pinned = await state.hostKeys.read(at, { signal });
    const inFile = loaded.knownHosts.find({ address: host, port });
    const known = inFile.accepted.length > 0 ? inFile.accepted : pinned === undefined ? [] : [pinned];
    using clock = withHeartbeat(systemClock);
    const presented = await readPresentedKey(
      {
        target: { host, port },
        knownKeyTypes: known.map(({ type }) => type),
        timeouts: timeoutsOf(loaded),
      },
      { clock },
      { signal },
    );
    const verdict = judgeKey(presented, { inFile, pinned }, options.fingerprint);
    const isWritten =
      verdict === 'accepted' &&
      (await state.hostKeys.replace(at, { key: presented, target, seen: pinned }, { signal }));
    if (verdict === 'accepted' && !isWritten) {
      printError(
        `the pinned key of ${at} was changed by another process at the same time; repeat the command`,
      );
      return 1;
    }
    const told = { target, endpoint: at, pinned, presented, verdict };
    print(options.json ? toJson(told) : printVerdict(told));
    return isAccepted(verdict) ? 0 : 2;
  });
}

/** `vsweep hostkey forget <target> <host>`, or `--all`: the host is without a pinned key then. Answers 1 when none was pinned. */
export async function hostkeyForgetCommand(
  target: string,
  endpoint: string | undefined,
  options: StateOptions & { all: boolean; json: boolean },
): Promise<number> {
  if ((endpoint === undefined) !== options.all) {
    printError(
      'name one host, by its name in vCenter or as <address:port>, or add --all for all of the target',
    );
    return 2;
  }
  return await withState(options, async ({ state, loaded, signal }) => {
    const at =
      endpoint === undefined ? undefined : await findEndpoint(endpoint, { target, state, loaded, signal });
    const named = at && `${at.host}:${at.port}`;
    const which = named === undefined ? { target } : { endpoint: named };
    const forgotten = await state.hostKeys.forget(which, { signal });
    print(options.json ? JSON.stringify({ forgotten }) : `${forgotten} forgotten`);
    if (forgotten > 0) return 0;
    printError(
      `no key of ${named ?? `a host of ${target}`} is pinned; see every pinned key by: vsweep hostkey list`,
    );
    return 1;
  });
}

/** Pins of a table carry a tag, whose key only the functions have: what stands there is not verified here. */
const notInTable = (target: string, endpoint: string, table: string) =>
  'the state on AWS is sealed: functions use only host keys that they pinned themselves. Get the key (vsweep invoke ' +
  `hostkeys --target ${target}), put it into esxi.hostKeys.file and deploy it. Under trust-first the next run also pins ` +
  `a new key after: vsweep hostkey forget ${target} ${endpoint} --table ${table}`;

interface Judged {
  readonly target: string;
  readonly endpoint: string;
  readonly pinned: HostKeyRecord | undefined;
  readonly presented: HostKey;
  readonly verdict: KeyVerdict;
}

function printVerdict({ target, endpoint, pinned, presented, verdict }: Judged): string {
  const was =
    pinned === undefined
      ? 'none'
      : `${pinned.type} ${fingerprint(pinned)}, since ${printTime(pinned.pinnedAt)}`;
  return [
    `${target} ${endpoint}`,
    `  pinned     ${was}`,
    `  presented  ${presented.type} ${fingerprint(presented)}`,
    explainVerdict(verdict, presented, { target, endpoint }),
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
  // Host keys are pinned under the name alone.
  const known = config.targets.map(({ name, url }) => ({ name, url }));
  throw new ConfigError(file, [{ path: 'targets', message: sayNoTarget(target, known) }]);
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a host of a target is dialled, by its endpoint or by its name in vCenter. Throws ConfigError for one that is neither. */
async function findEndpoint(
  text: string,
  { target, state, loaded, signal }: StateWork & { readonly target: string },
): Promise<Endpoint> {
  const written = parseEndpoint(text);
  if (written !== undefined) return written;
  const called = calledSo(await readNamedHosts(state, loaded, { target, signal }), text);
  const dials = new Map(called.flatMap(({ dial }) => (dial === undefined ? [] : [[endpointOf(dial), dial]])));
  const [dial] = dials.values();
  if (dial !== undefined && dials.size === 1) return { host: dial.address, port: dial.port };
  const message =
    dials.size > 1
      ? `${target} has several hosts of that name: write one of ${[...dials.keys()].join(', ')}`
      : `is neither <address:port> nor the name of a host in the stored list of ${target}; for all hosts, run: vsweep hostkey scan`;
  throw new ConfigError('the command line', [{ path: text, message }]);
}

/** `10.0.0.7:22`, `esx01.example.org:22`, `[fe80::1]:22` or, as it is listed, `fe80::1:22`. */
function parseEndpoint(text: string): Endpoint | undefined {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|(.+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  return host !== undefined && isPort ? { host: normalAddress(host), port: Number(port) } : undefined;
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
