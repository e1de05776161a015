import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../config/errors.ts';
import { fingerprint } from '../esxi/host-key.ts';
import { systemClock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { withHeartbeat } from '../platform/heartbeat.ts';
import { type ScannedHost, scanHostKeys } from '../sweep/scan/scan-host-keys.ts';
import { wirePresentKeys } from '../sweep/scan/wire-present-keys.ts';
import { checkTarget } from './hostkey.ts';
import { type StateOptions, type StateWork, withState } from './open-state.ts';
import { endpointOf, printKnownHosts, printScan, printWithoutList, toScanJson } from './print-scan.ts';
import { print, printError, tableWidth } from './terminal.ts';

interface ScanOptions extends StateOptions {
  readonly target?: string;
  readonly accept: boolean;
  readonly all: boolean;
  readonly fingerprints?: string;
  readonly knownHosts: boolean;
  readonly json: boolean;
}

/**
 * `vsweep hostkey scan`: asks all hosts of the last lists for their keys, without a login, and accepts those that are
 * not known when that is said. Answers 0 when the keys of all hosts are known then, else 3.
 */
export async function hostkeyScanCommand(options: ScanOptions): Promise<number> {
  const wrong = whatIsWrong(options);
  if (wrong !== undefined) {
    printError(wrong);
    return 2;
  }
  const chosen =
    options.fingerprints === undefined ? undefined : await readFingerprints(options.fingerprints);
  return await withState(options, async (work) => {
    const { loaded, state, signal } = work;
    const { esxi, targets } = loaded.config;
    if (options.target !== undefined) checkTarget(options.target, loaded, options.config);
    if (esxi === undefined) {
      throw new ConfigError(options.config, [
        { path: 'esxi', message: 'is missing: no host is asked by ssh' },
      ]);
    }
    using clock = withHeartbeat(systemClock);
    const presentKeys = wirePresentKeys({ loaded, clock });
    const { hosts, pinned, withoutList } = await scanHostKeys(
      targets.filter(({ name }) => options.target === undefined || name === options.target),
      { esxi, deps: { ...state, clock, knownHosts: loaded.knownHosts, presentKeys } },
      { signal },
    );
    for (const one of withoutList) printError(printWithoutList(one));
    if (options.knownHosts) print(printKnownHosts(hosts));
    else if (!options.json) print(printScan(hosts, { known: 0, width: tableWidth(options) }));
    const wanted = options.accept ? await choose(hosts, { ...options, chosen }, signal) : [];
    const accepted = await acceptAll(wanted, pinned, work);
    if (options.json) print(JSON.stringify(toScanJson(hosts.map(asAccepted(accepted))), undefined, 2));
    else if (options.accept) print(`${accepted.size} accepted`);
    const left = hosts.filter((host) => host.status !== 'known' && !accepted.has(host));
    return left.length === 0 && withoutList.length === 0 ? 0 : 3;
  });
}

/** Its pins and lists carry a tag, whose key only the functions have: here a forged one looks like any other. */
const NOT_OF_TABLE =
  'the state on AWS is sealed: only the deployed functions can use its host keys. Run: vsweep invoke hostkeys ' +
  '(to accept keys: add --known-hosts, compare the lines, put them into esxi.hostKeys.file and deploy it)';

function whatIsWrong({
  accept,
  all,
  fingerprints,
  knownHosts,
  json,
  table,
}: ScanOptions): string | undefined {
  if (table !== undefined) return NOT_OF_TABLE;
  if (!accept && (all || fingerprints !== undefined)) return '--all and --fingerprints need --accept';
  if (all && fingerprints !== undefined) return 'write --all or --fingerprints, not both';
  if (knownHosts && (json || accept)) return '--known-hosts cannot be combined with --json or --accept';
  const asks = accept && !all && fingerprints === undefined;
  if (asks && (json || !process.stdin.isTTY))
    return 'there is no terminal to confirm on; add --fingerprints <file>, or --all to accept every key';
  return undefined;
}

/** `SHA256:…` wherever they stand, as `ssh-keygen -lf` prints them. */
async function readFingerprints(file: string): Promise<ReadonlySet<string>> {
  try {
    const text = await readFile(file, 'utf8');
    return new Set(text.match(/SHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])/g));
  } catch (error) {
    throw new ConfigError('the command line', [
      { path: '--fingerprints', message: `${file} cannot be read: ${messageOf(error)}` },
    ]);
  }
}

/** Of the keys that may be accepted here those that are wanted. What the file says is changed in the file. */
async function choose(
  hosts: readonly ScannedHost[],
  { all, chosen }: { all: boolean; chosen: ReadonlySet<string> | undefined },
  signal: AbortSignal,
): Promise<readonly ScannedHost[]> {
  const open = hosts.filter(
    ({ status, from }) => status === 'unknown' || (status === 'changed' && from === 'pin'),
  );
  if (all || open.length === 0) return open;
  if (chosen !== undefined)
    return open.filter(({ presented }) => presented !== undefined && chosen.has(fingerprint(presented)));
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `Accept ${open.length === 1 ? 'this key' : `these ${open.length} keys`}? [y/N] `;
    return /^y(es)?$/i.test((await terminal.question(question, { signal })).trim()) ? open : [];
  } finally {
    terminal.close();
  }
}

/** Pins what was shown in place of what was seen; a key that somebody else changed meanwhile stays as it is. */
async function acceptAll(
  hosts: readonly ScannedHost[],
  pinned: Awaited<ReturnType<typeof scanHostKeys>>['pinned'],
  { state, signal }: StateWork,
): Promise<ReadonlySet<ScannedHost>> {
  const accepted = new Set<ScannedHost>();
  for (const host of hosts) {
    const at = endpointOf(host);
    if (host.presented === undefined) continue;
    const change = { key: host.presented, target: host.target, seen: pinned.get(at) };
    if (await state.hostKeys.replace(at, change, { signal })) accepted.add(host);
    else printError(`the pinned key of ${at} was changed by another process at the same time; scan again`);
  }
  return accepted;
}

const asAccepted =
  (accepted: ReadonlySet<ScannedHost>) =>
  (host: ScannedHost): ScannedHost & { readonly acceptedNow?: true } =>
    accepted.has(host) ? { ...host, acceptedNow: true } : host;
