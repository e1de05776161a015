import { existsSync } from 'node:fs';
import { targetsOfSweep } from '../config/cross-checks.ts';
import { type Endpoint, endpointsOf } from '../config/endpoints.ts';
import { ConfigError, type ConfigIssue, printIssue, withPlaces } from '../config/errors.ts';
import { unknownKeysAt } from '../config/host-keys.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import type { NetboxConfig, TlsConfig } from '../config/schema.ts';
import { DEFAULT_LISTEN } from '../config/schema.ts';
import { configFromVariables, hasVariables } from '../config/variables/config-from-variables.ts';
import type { Environment } from '../config/variables/variables.ts';
import { exposuresOf, warningsOf } from '../config/warnings.ts';
import { systemClock } from '../platform/clock.ts';
import { toShellWord } from '../platform/quote.ts';
import { credentialsOf, faultOf, readerForFaults } from './credential-faults.ts';
import { loadConfig } from './load-config.ts';
import { statePathOf } from './open-state.ts';
import { printCount } from './print-count.ts';
import { abortOnSignals, print } from './terminal.ts';

/**
 * `vsweep config check`: says what the configuration means, or every fault in it. What is wrong with its credentials, or
 * was hardly meant, is a warning: the file may be checked on another machine than the one it is for.
 */
export async function configCheckCommand(options: { config: string; json: boolean }): Promise<number> {
  using signals = abortOnSignals();
  if (options.json) return await checkAsJson(options.config, signals);
  const loaded = await loadConfig(options.config, process.env);
  const warnings = await findWarnings(loaded, process.env, signals);
  const from = loaded.variables === undefined ? options.config : 'environment variables';
  const ignored = [
    ...(loaded.variables === undefined ? describeInVain(loaded, process.env) : []),
    ...describeProxies(process.env),
  ];
  const verdict = warnings.length === 0 ? 'ok' : `ok, ${printCount(warnings.length, 'warning')}`;
  print(
    [
      `${from}: ${verdict}`,
      ...describeConfig(loaded, process.env),
      ...ignored,
      ...warnings.map((warning) => `  warning: ${printIssue(warning)}`),
    ].join('\n'),
  );
  return 0;
}

/** The configuration with its defaults, or its faults, which are an answer here and no error. */
async function checkAsJson(file: string, options: { signal: AbortSignal }): Promise<number> {
  try {
    const loaded = await loadConfig(file, process.env);
    const warnings = await findWarnings(loaded, process.env, options);
    const { config, variables } = loaded;
    print(JSON.stringify({ ok: true, faults: [], warnings, config, variables }, undefined, 2));
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    print(JSON.stringify({ ok: false, faults: error.issues }, undefined, 2));
    return 2;
  }
}

/** Credentials are read and used for nothing; secrets in AWS are not asked for. */
async function findWarnings(
  { config, placeOf }: LoadedConfig,
  env: Environment,
  options: { signal: AbortSignal },
): Promise<readonly ConfigIssue[]> {
  const reader = readerForFaults(env);
  const onMachine = credentialsOf(config).filter(({ source }) => !('secret' in source));
  const faults = await Promise.all(
    onMachine.map(async (one): Promise<ConfigIssue[]> => {
      const fault = await faultOf(one, reader, options);
      if (fault === undefined) return [];
      const { message, command } = fault;
      const saysCommand = /\bRun(?: vsweep as that user)?: /.test(message);
      const remedy = command === undefined || saysCommand ? '' : ` Run: ${command}`;
      return [{ path: one.path, message: `${message}${remedy}` }];
    }),
  );
  return withPlaces(
    [...warningsOf(config), ...exposuresOf(config), ...missingFolder(config), ...faults.flat()],
    placeOf,
  );
}

/** The variables that would be the configuration if there were no file; those of credentials count with it too. */
export function describeInVain({ config }: Pick<LoadedConfig, 'config'>, env: Environment): string[] {
  if (!hasVariables(env)) return [];
  const used = new Set(endpointsOf(config).flatMap(({ credential }) => variablesOf(credential)));
  const isUsed = (name: string) => used.has(name.toUpperCase());
  const inVain = configFromVariables(env, new Map()).variables.taken.filter((name) => !isUsed(name));
  return inVain.length === 0 ? [] : [`  ignored, because a configuration file exists: ${inVain.join(', ')}`];
}

/** Which other programs go by; who sets them expects them to be used. */
export function describeProxies(env: Environment): string[] {
  const set = Object.keys(env).filter((name) => /^(?:https?|all)_proxy$/i.test(name) && env[name] !== '');
  return set.length === 0
    ? []
    : [`  ignored: ${set.join(', ')}; vsweep connects to all addresses without a proxy`];
}

/** The names of the variables that a credential or a token is in; in capitals. */
function variablesOf(credential: Endpoint['credential']): string[] {
  if (credential === undefined || !('env' in credential.source)) return [];
  const { env } = credential.source;
  const suffixes = credential.path.endsWith('.token')
    ? ['TOKEN']
    : ['USER', 'PASSWORD', 'PRIVATE_KEY', 'PASSPHRASE', 'LITERAL'];
  return suffixes.map((suffix) => `${env}_${suffix}`.toUpperCase());
}

/** What a command would do with it, a line each: defaults are written out. */
export function describeConfig(loaded: LoadedConfig, env: Environment): string[] {
  const { config } = loaded;
  const targets = config.targets.map(({ name, url, tls, credentials, hosts }) =>
    credentials === undefined
      ? `    ${name}: no vCenter is asked, ${printCount(hosts?.length ?? 0, 'host')} by ssh only`
      : `    ${name}: ${url}, ${describeTrust(url, tls)}`,
  );
  const sweeps = config.sweeps.map((sweep) => {
    const swept = printCount(targetsOfSweep(sweep, config).length, 'target');
    return `  sweep ${sweep.name}: every ${sweep.everyMs / 1_000} s, ${swept}, ${sweep.collectors.join(', ')}`;
  });
  const { netbox } = config;
  const { host, port } = config.exporter?.listen ?? DEFAULT_LISTEN;
  const listen = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return [
    `  ${printCount(targets.length, 'target')}`,
    ...targets,
    ...sweeps,
    ...(netbox === undefined
      ? []
      : [
          `  netbox: ${netbox.url}, ${describeTrust(netbox.url, netbox.tls)}, ${describeFilter(netbox.filter)}`,
        ]),
    ...describeSinks(config),
    ...describeHostKeys(loaded),
    ...describePlace(config, [`"run" serves http://${listen}/metrics`, `state: ${statePathOf(loaded, env)}`]),
    ...describeVariables(loaded.variables),
  ];
}

/** What holds on one machine, and what holds where the configuration is deployed. */
function describePlace({ aws }: LoadedConfig['config'], onMachine: readonly string[]): string[] {
  if (aws === undefined) return onMachine.map((line) => `  ${line}`);
  const { stack, split, network, stateTable } = aws;
  const vpc = network?.vpcId === 'new' ? 'a VPC of its own' : network?.vpcId;
  return [
    `  on AWS, the stack ${stack}:`,
    `    a schedule for each sweep${split === 'target' ? ' and target' : ''}`,
    `    network: ${vpc === undefined ? 'no VPC; functions reach public addresses only' : `${vpc}, out to ${network?.egressCidrs.join(', ')}`}`,
    `    state: the table ${stateTable === undefined ? 'of the stack' : stateTable.name}`,
    '  on one machine:',
    ...onMachine.map((line) => `    ${line}`),
  ];
}

/** Where results go, each way that is configured. */
function describeSinks(config: LoadedConfig['config']): string[] {
  const { push, aws, victoriaMetrics, remoteWrite, otlp, textfile, stdout } = config;
  const others = [
    ...Object.entries({ victoriaMetrics, remoteWrite, otlp }).flatMap(([name, sink]) =>
      sink === undefined ? [] : [`  ${name}: ${sink.url}, ${describeTrust(sink.url, sink.tls)}`],
    ),
    ...(textfile === undefined ? [] : [`  textfile: ${textfile.path}`]),
    ...(stdout === undefined ? [] : ['  stdout: the series of each run']),
  ];
  if (push !== undefined) return [`  push: ${push.url}, ${describeTrust(push.url, push.tls)}`, ...others];
  if (aws?.pushgateway?.deploy === true)
    return ['  push: none on one machine; on AWS to the deployed Pushgateway', ...others];
  return others.length === 0 ? ['  push: not configured'] : others;
}

/** The configuration may be checked on another machine than the one it is for: a warning, no fault. */
function missingFolder({ textfile }: LoadedConfig['config']): ConfigIssue[] {
  if (textfile === undefined || existsSync(textfile.path)) return [];
  const message = `the folder ${textfile.path} does not exist here. Run: mkdir -p ${toShellWord(textfile.path)}`;
  return [{ path: 'textfile.path', message }];
}

/** What becomes of unknown host keys; where nobody chose, the choice as it can be pasted. */
function describeHostKeys({ config: { esxi }, knownHosts }: LoadedConfig): string[] {
  if (esxi === undefined) return [];
  const { unknown, until, file } = esxi.hostKeys;
  const lines = file === undefined ? [] : [`    ${printCount(knownHosts.lines, 'key')} from ${file}`];
  if (unknown === undefined) {
    return [
      '  host keys: the first key that a host presents is trusted (the default). Choose one under esxi:',
      '    hostKeys: { unknown: refuse }',
      '    hostKeys: { unknown: trust-first }',
      ...lines,
    ];
  }
  if (unknownKeysAt(esxi.hostKeys, systemClock.now()) === 'refuse') {
    const since = until === undefined ? '' : ` since the end of ${until}`;
    return [`  host keys: no ssh login to hosts without a known key${since}`, ...lines];
  }
  const end = until === undefined ? '' : ` until the end of ${until} (UTC)`;
  return [`  host keys: the first key that a host presents is trusted${end}`, ...lines];
}

/** Which variables the configuration was made from, and which of those that are set were not used. */
function describeVariables(variables: LoadedConfig['variables']): string[] {
  if (variables === undefined) return [];
  const { taken, ignored } = variables;
  return [`  taken: ${taken.join(', ')}`, ...ignored.map(({ name, why }) => `  ignored: ${name}: ${why}`)];
}

const describeFilter = (filter: NetboxConfig['filter']) =>
  Object.entries(filter)
    .map(([name, values]) => `${name} ${values.join(' or ')}`)
    .join(', ');

function describeTrust(url: string, tls: TlsConfig | undefined): string {
  if (url.startsWith('http:')) return 'without TLS';
  if (tls === undefined) return 'certificates by the issuers of Node and the system';
  if ('insecure' in tls) return 'certificates are NOT verified';
  return 'ca' in tls ? `certificates by the issuers in ${tls.ca}` : printCount(tls.sha256.length, 'pin');
}
