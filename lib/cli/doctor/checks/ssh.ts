import { KNOWN_COLLECTORS } from '../../../collectors/known-collectors.ts';
import { asksBySsh } from '../../../config/asks-by-ssh.ts';
import { targetsOfSweep } from '../../../config/cross-checks.ts';
import { STACK, stackOf } from '../../../config/deployed-names.ts';
import { unknownKeysAt } from '../../../config/host-keys.ts';
import type { KnownKey } from '../../../config/known-hosts/known-hosts.ts';
import { lookUpKeys } from '../../../config/known-hosts/look-up-keys.ts';
import { absentService } from '../../../config/known-services.ts';
import { OWN_COLLECTOR } from '../../../config/own-sweeps.ts';
import type { Config, EsxiConfig, SweepConfig, TargetConfig } from '../../../config/schema.ts';
import { fingerprint } from '../../../esxi/host-key.ts';
import type { ListedHost } from '../../../inventory/host.ts';
import { toShellWord } from '../../../platform/quote.ts';
import { configuredList } from '../../../sweep/listing/configured-hosts.ts';
import type { Outcome } from '../../../sweep/outcome.ts';
import { normalDial } from '../../../sweep/plan/address.ts';
import { isOneOf, trustIn } from '../../../sweep/plan/host-trust.ts';
import { skipByListing } from '../../../sweep/plan/who-is-asked.ts';
import { MAX_TRY_MS } from '../../../sweep/run/run-lease.ts';
import type { PresentKeys } from '../../../sweep/scan/present-keys.ts';
import { commandFor } from '../../credential-faults.ts';
import type { Check } from '../engine/check.ts';
import type { Surroundings } from '../engine/surroundings.ts';
import { judgeKeys, judgeRevoked } from '../verdicts/host-keys.ts';
import { judgeSshLogin } from '../verdicts/ssh-login.ts';
import { green, red, type Verdict, yellow } from '../verdicts/verdict.ts';
import type { StateChecks } from './state.ts';

type Options = { readonly signal: AbortSignal };

/** A host that a run may ask, where it is dialled, and which keys are accepted there. */
interface AskedHost {
  readonly host: ListedHost;
  readonly address: string;
  readonly port: number;
  readonly accepted: readonly KnownKey[];
  /** Whether the key that is pinned for it is revoked, so that runs do not ask it. */
  readonly isRevoked: boolean;
}

interface SshDeps extends Surroundings {
  readonly state: StateChecks;
  readonly esxi: EsxiConfig;
  readonly sweep: SweepConfig;
  /** Of the target, when what the checks are behind has passed. */
  readonly hosts: () => readonly ListedHost[];
  /** Asks hosts for their keys, without a login. */
  readonly presentKeys: PresentKeys;
}

/** The first sweep that asks the hosts of a target by ssh, with nothing but what it asks them. */
export function sshSweepOf(target: TargetConfig, config: Config): SweepConfig | undefined {
  const sweep = config.sweeps.find(
    (one) => targetsOfSweep(one, config).includes(target) && asksBySsh(one, KNOWN_COLLECTORS),
  );
  if (sweep === undefined) return undefined;
  const overSsh = sweep.collectors.filter((name) => KNOWN_COLLECTORS.overSsh.includes(name));
  return { ...sweep, targets: [target.name], collectors: overSsh.length > 0 ? overSsh : [OWN_COLLECTOR] };
}

/** The keys of all hosts as they are known here, and of one host: its key, its algorithms, the login and its shell. */
export function sshChecks(
  target: TargetConfig,
  deps: SshDeps,
  { listed, login }: { readonly listed: readonly Check[]; readonly login: readonly Check[] },
): readonly Check[] {
  if (deps.loaded.config.aws !== undefined) return [besideStack(target, deps)];
  let chosen: AskedHost | undefined;
  const keys: Check = {
    name: 'ssh keys',
    subject: target.name,
    after: listed,
    run: (options) => judgeKnown(target, deps, options),
  };
  const presented: Check = {
    name: 'ssh host',
    subject: target.name,
    after: listed,
    ms: 30_000,
    async run(options) {
      const asked = await hostsToAsk(target, deps, options);
      chosen = asked.find(({ accepted }) => accepted.length > 0) ?? asked[0];
      return chosen === undefined ? noHost(deps) : await judgePresented(chosen, target, deps, options);
    },
  };
  const shell: Check = {
    name: 'ssh login',
    subject: target.name,
    after: [presented, ...login],
    ms: MAX_TRY_MS + 15_000,
    logsIn: true,
    async run(options) {
      if (chosen === undefined) return yellow('no host was asked');
      return chosen.accepted.length === 0
        ? noAcceptedKey(target, deps)
        : await judgeLogin(chosen, target, deps, options);
    },
  };
  return [keys, presented, shell];
}

/** The keys that a stack pinned are sealed for its functions, which connect from another network besides. */
const besideStack = (target: TargetConfig, { loaded }: SshDeps): Check => ({
  name: 'ssh keys',
  subject: target.name,
  async run() {
    const { config } = loaded;
    const stack = stackOf(config);
    const why =
      'not checked: only the stack can check the keys that it has pinned, so no host is logged in to from here';
    if (config.aws?.task === true) return yellow(`${why}. The outcomes of its runs say which hosts it asked`);
    const named = stack === STACK ? [] : ['--stack', stack];
    return yellow(
      `${why}. The function lists the hosts without an accepted key`,
      ['vsweep', 'invoke', 'hostkeys', '--target', target.name, ...named].map(toShellWord).join(' '),
    );
  },
});

/** Those that a run of this moment would ask. */
async function hostsToAsk(
  target: TargetConfig,
  { esxi, loaded, clock, state, hosts }: SshDeps,
  options: Options,
): Promise<readonly AskedHost[]> {
  const listed = target.credentials === undefined ? configuredList(target, clock.now())?.hosts : hosts();
  const dialled = (listed ?? [])
    .filter((host) => skipByListing(host, esxi) === undefined && host.sshRunning !== false)
    .map((host) => ({ host, ...normalDial(host, esxi) }));
  const { knownHosts } = loaded;
  await lookUpKeys(dialled, { knownHosts, clock }, options);
  const at = ({ address, port }: { address: string; port: number }) => `${address}:${port}`;
  const pinned = await state
    .container()
    .state.hostKeys.readSome(dialled.map(at), { ...options, onMalformed: () => undefined });
  return dialled.map((one) => {
    const keys = { inFile: knownHosts.find(one), pinned: pinned.get(at(one)) };
    const trust = trustIn(keys, { rules: esxi.hostKeys, now: clock.now() });
    return {
      ...one,
      accepted: trust.kind === 'known' ? trust.keys : [],
      isRevoked: trust.kind === 'unknown' && trust.why === 'revoked',
    };
  });
}

async function judgeKnown(target: TargetConfig, deps: SshDeps, options: Options): Promise<Verdict[]> {
  const all = await hostsToAsk(target, deps, options);
  const [first, ...more] = all.filter((one) => one.isRevoked);
  const asked = all.filter((one) => !one.isRevoked);
  const accepted = asked.filter((one) => one.accepted.length > 0).length;
  const { hostKeys } = deps.esxi;
  const unknown = hostKeys.unknown === undefined ? 'unset' : unknownKeysAt(hostKeys, deps.clock.now());
  const others = judgeKeys({ hosts: asked.length, accepted, unknown }, scanCommand(target, deps));
  if (first === undefined) return [others];
  const accept = deps.words('hostkey', 'accept', target.name, `${first.address}:${first.port}`);
  const revoked = judgeRevoked(1 + more.length, accept);
  return asked.length === 0 ? [revoked] : [others, revoked];
}

/** It reads the keys of the hosts that the check `hosts` listed, without a login, and accepts those that are confirmed. */
const scanCommand = (target: TargetConfig, { words }: SshDeps): string =>
  words('hostkey', 'scan', '--accept', '--target', target.name);

const noAcceptedKey = (target: TargetConfig, deps: SshDeps): Verdict =>
  yellow(
    'not checked: no host has an accepted key, and the doctor sends no password to an unknown one. Compare the keys and accept them',
    scanCommand(target, deps),
  );

function noHost({ hosts, esxi }: SshDeps): Verdict {
  const off = hosts().filter((host) => skipByListing(host, esxi) === undefined && host.sshRunning === false);
  const [first] = off;
  if (first === undefined)
    return yellow('no host can be asked by ssh: all are off, in lockdown or in maintenance');
  return yellow(
    `ssh is off on ${off.length} of ${hosts().length} hosts. Start TSM-SSH on each, or leave the collectors by ssh out`,
    `govc host.service -host ${toShellWord(first.name)} start TSM-SSH`,
  );
}

async function judgePresented(
  { host, address, port, accepted }: AskedHost,
  target: TargetConfig,
  deps: SshDeps,
  options: Options,
): Promise<Verdict> {
  const types = accepted.map(({ type }) => type);
  const [answer = { error: 'it was not asked' }] = await deps.presentKeys(
    [{ address, port, types }],
    options,
  );
  if ('error' in answer) return red(`${host.name}: ${answer.error}`);
  const shown = `${host.name} at ${address}:${port} presents ${answer.key.type} ${fingerprint(answer.key)}`;
  if (isOneOf(answer.key, deps.loaded.knownHosts.find({ address, port }).revoked))
    return red(`${shown}, which is revoked in esxi.hostKeys.file. Make a new key on the host`);
  if (isOneOf(answer.key, accepted)) return green(`${shown}, which is accepted`);
  if (accepted.length === 0) return green(`${shown}; it has no accepted key yet`);
  return red(
    `${shown}, and another key is accepted: the host was installed anew, or somebody else answers at its address. Compare the fingerprint on its console`,
    deps.words(
      'hostkey',
      'accept',
      target.name,
      `${address}:${port}`,
      '--fingerprint',
      fingerprint(answer.key),
    ),
  );
}

/** By a run that asks this host alone: it takes the lease of the sweep, and goes by the record of refusals. */
async function judgeLogin(
  asked: AskedHost,
  target: TargetConfig,
  deps: SshDeps,
  options: Options,
): Promise<Verdict> {
  const { sweep, state } = deps;
  const { host } = asked;
  const order = { sweep, target: target.name, host: host.moref, remainingMs: MAX_TRY_MS };
  const [summary] = (await state.container().runSweep(order, options)).targets;
  options.signal.throwIfAborted();
  if (summary?.status === 'lease')
    return yellow(
      `not checked: a run of ${sweep.name} is under way, and tells how its logins went`,
      deps.words('status'),
    );
  const found = summary?.hosts.find(({ moref }) => moref === host.moref);
  const outcome = found?.outcomes.ssh;
  if (found === undefined || outcome === undefined)
    return red(
      `${host.name} was not asked: ${summary?.problems.join('; ') || 'the run has no result of it'}`,
    );
  const absent = deps.esxi.services.flatMap((asked) => {
    const said = absentService(typeof asked === 'string' ? asked : asked.name);
    return said !== undefined && summary?.warnings.some(({ text }) => text.includes(said)) ? [said] : [];
  });
  return judgeSshLogin({ host: host.name, outcome, details: found.details, absent }, (one) =>
    commandOf(one, { ...asked, target, deps }),
  );
}

/** What mends an outcome, where one command does. */
function commandOf(
  outcome: Outcome,
  { host, address, port, target, deps }: AskedHost & { target: TargetConfig; deps: SshDeps },
): string | undefined {
  if (outcome.kind === 'ok') return undefined;
  const { words, esxi } = deps;
  const source = esxi.credentials;
  switch (outcome.reason) {
    case 'auth':
      return 'file' in source ? commandFor(source.file, undefined) : undefined;
    case 'hostkey':
      // Without a fingerprint it shows both keys, and accepts none.
      return words('hostkey', 'accept', target.name, `${address}:${port}`);
    case 'hostkey-unknown':
      return scanCommand(target, deps);
    case 'blacklist':
      return words('blacklist', 'list');
    case 'suspended':
      return words('credential', 'list');
    case 'ssh-disabled':
      return `govc host.service -host ${toShellWord(host.name)} start TSM-SSH`;
    case 'lockdown':
      return `govc host.info ${toShellWord(host.name)}`;
    default:
      return undefined;
  }
}
