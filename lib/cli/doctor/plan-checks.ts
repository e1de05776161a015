import { endpointsOf } from '../../config/endpoints.ts';
import { type LoadedConfig, toTargetTrust, toTrust } from '../../config/loaded-config.ts';
import type { TargetConfig } from '../../config/schema.ts';
import { warningsOf } from '../../config/warnings.ts';
import { wirePresentKeys } from '../../sweep/scan/wire-present-keys.ts';
import { type CredentialChecks, credentialChecks } from './checks/credentials.ts';
import { netboxCheck } from './checks/netbox.ts';
import { networkChecks, type Peer } from './checks/network.ts';
import { prometheusChecks } from './checks/prometheus.ts';
import { sinkChecks } from './checks/sinks.ts';
import { sshChecks, sshSweepOf } from './checks/ssh.ts';
import type { StackChecks } from './checks/stack/stack-checks.ts';
import type { StateChecks } from './checks/state.ts';
import { type InSession, targetChecks } from './checks/target.ts';
import type { Check } from './engine/check.ts';
import type { Surroundings } from './engine/surroundings.ts';
import { green, yellow } from './verdicts/verdict.ts';

export interface Chosen {
  /** Of the targets only this one. */
  readonly target: TargetConfig | undefined;
  /** The base url of Prometheus. */
  readonly prometheus: string | undefined;
}

interface Parts extends Surroundings {
  readonly state: StateChecks;
  readonly stack: StackChecks;
  readonly inSession: InSession;
  readonly file: string;
}

/** All checks of a configuration, in the order of their lines; nothing is done before they are run. */
export function planChecks(parts: Parts, chosen: Chosen): readonly Check[] {
  const { config } = parts.loaded;
  const credentials = credentialChecks(parts);
  const targets = config.targets.filter((one) => chosen.target === undefined || one === chosen.target);
  const network = new Map(
    peersOf(parts.loaded, targets).map((peer) => [peer.path, networkChecks(peer, parts)]),
  );
  const before = (path: string): readonly Check[] => [
    ...(network.get(path) ?? []),
    ...credentials.of(`${path}.credentials`),
    ...credentials.of(`${path}.token`),
  ];
  const others = [...network].filter(([path]) => !path.startsWith('targets['));
  return [
    configCheck(parts),
    ...credentials.checks,
    ...parts.state.checks,
    ...targets.flatMap((target) => ofTarget(target, parts, { credentials, before })),
    ...others.flatMap(([, checks]) => checks),
    ...(config.netbox === undefined ? [] : [netboxCheck(config.netbox, parts, before('netbox'))]),
    ...sinkChecks(parts, before),
    ...parts.stack.checks,
    ...(chosen.prometheus === undefined ? [] : prometheusChecks(chosen.prometheus, parts)),
  ];
}

/** Faults ended the command before; what is left are things that were hardly meant. */
function configCheck({ loaded, file, words }: Parts): Check {
  const subject = loaded.variables === undefined ? file : 'environment variables';
  return {
    name: 'configuration',
    subject,
    async run() {
      const warnings = warningsOf(loaded.config);
      if (warnings.length === 0) return green('has no fault, and belongs to this user or root');
      return warnings.map(({ path, message }) => yellow(`${path}: ${message}`, words('config', 'check')));
    },
  };
}

function ofTarget(
  target: TargetConfig,
  parts: Parts,
  { credentials, before }: { credentials: CredentialChecks; before: (path: string) => readonly Check[] },
): readonly Check[] {
  const { config } = parts.loaded;
  const path = `targets[${config.targets.indexOf(target)}]`;
  const { esxi } = config;
  const sweep = sshSweepOf(target, config);
  const network = before(path).filter(({ name }) => name !== 'credential');
  const inVcenter =
    target.credentials === undefined
      ? undefined
      : targetChecks(target, parts, [...before(path), parts.state.opened]);
  const ofHosts =
    esxi === undefined || sweep === undefined
      ? []
      : sshChecks(
          target,
          {
            ...parts,
            esxi,
            sweep,
            hosts: () => inVcenter?.hosts() ?? [],
            presentKeys: wirePresentKeys(parts),
          },
          {
            listed: [parts.state.opened, ...(inVcenter === undefined ? [] : [inVcenter.listed])],
            login: credentials.of('esxi.credentials'),
          },
        );
  return [...network, ...(inVcenter?.checks ?? []), ...ofHosts];
}

/** Who is connected to over HTTP, the targets by their names. */
function peersOf(loaded: LoadedConfig, targets: readonly TargetConfig[]): readonly Peer[] {
  const { config } = loaded;
  return endpointsOf(config).flatMap(({ path, url, tls, credential }) => {
    if (url === undefined) return [];
    const index = /^targets\[(\d+)\]$/.exec(path)?.[1];
    const target = index === undefined ? undefined : config.targets[Number(index)];
    if (target !== undefined && (target.credentials === undefined || !targets.includes(target))) return [];
    const trust = target === undefined ? toTrust(tls, loaded) : toTargetTrust(target, loaded);
    return [{ subject: target?.name ?? path, path, url, trust, hasSecret: credential !== undefined }];
  });
}
