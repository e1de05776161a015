import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openContainer } from '../../../lib/cli/container.ts';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import type { DemoEsxi, DemoSshBehaviour } from '../../../lib/demo/esxi-sshd.ts';
import { startDemoEsxi } from '../../../lib/demo/esxi-sshd.ts';
import {
  type DemoVcenter,
  type DemoVcenterHost,
  startDemoVcenter,
} from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { type Log, silentLog } from '../../../lib/platform/log.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { HostSummary, RunSummary } from '../../../lib/sweep/result/summary.ts';
import { createOffsetClock, type OffsetClock } from '../../support/offset-clock.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

export const VCENTER_PASSWORD = 'marked-vcenter-password';
export const ESXI_PASSWORD = 'marked-esxi-password';
export const PUSH_PASSWORD = 'marked-push-password';
export const SERVICES = ['hostd', 'vpxa'];

export interface SmallHost {
  readonly behaviour?: DemoSshBehaviour;
  readonly vcenter?: Partial<DemoVcenterHost>;
  readonly loginDelayMs?: number;
  readonly commandDelayMs?: number;
}

export interface SmallFleetOptions {
  /** By target: the numbers of its hosts; by default `vc1` with all of them. */
  readonly targets?: Readonly<Record<string, readonly number[]>>;
  /** By their numbers, from 1. */
  readonly hosts: readonly SmallHost[];
  readonly pushUrl?: string | undefined;
  /** Of the push; true by default. */
  readonly gzip?: boolean;
  readonly collectors?: string;
  /** By default a few seconds each: peers on loopback answer at once or never, and other work may have the cores. */
  readonly timeouts?: string;
  /** YAML of `esxi.hostKeys`; trust-first by default. */
  readonly hostKeys?: string;
  /** 5 m by default: a run ends when it is done. One that something hangs in until its end takes a shorter one. */
  readonly every?: string;
  /** By target: YAML of its keys that are not as usual, such as `url: "https://…"`. */
  readonly targetKeys?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By the name of a host: where it is dialled, when that is not where it listens. */
  readonly dialled?: Readonly<Record<string, string>>;
  /** Objects a page of the vCenters; 100 by default. */
  readonly pageSize?: number;
  /** The vCenters end idle sessions by the clock of the fleet; by default by that of the machine. */
  readonly vcentersKeepItsTime?: boolean;
  /** YAML of further sections. */
  readonly more?: string;
  /** Of the runs; nothing by default. */
  readonly log?: Log;
}

/** Hosts with ssh behind one vCenter or several, with a configuration; sweeps run in this process. */
export interface SmallFleet extends AsyncDisposable {
  readonly vcenters: Readonly<Record<string, DemoVcenter>>;
  readonly vcenter: DemoVcenter;
  readonly esxi: DemoEsxi;
  readonly clock: OffsetClock;
  readonly folder: string;
  addressOf(number: number): string;
  /** Changes the configuration for the runs that follow. */
  configure(changes: Partial<SmallFleetOptions>): Promise<void>;
  /** Sweeps while every host behaves, so that all of them have accepted the credential. */
  warmUp(): Promise<void>;
  /** Opens vsweep, sweeps once, closes it, and holds the run against what every run has to keep. */
  sweep(options?: { sessionsLeft?: 'any'; onProgress?: OnProgress }): Promise<RunSummary>;
  /** Opens vsweep on the state of the fleet. */
  open(onProgress?: OnProgress): ReturnType<typeof openContainer>;
}

type OnProgress = (state: Awaited<ReturnType<typeof openContainer>>['state']) => void | Promise<void>;

const running = { signal: new AbortController().signal };

export async function startSmallFleet(options: SmallFleetOptions): Promise<SmallFleet> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await createTemporaryFolder('sweep')).path;
  const clock = createOffsetClock();
  const addressOf = (number: number) => `127.0.70.${number}`;
  const esxi = starting.use(await startEsxi(options.hosts, addressOf));
  const targets = options.targets ?? { vc1: options.hosts.map((_, index) => index + 1) };
  const vcenters: Record<string, DemoVcenter> = {};
  for (const [index, [name, numbers]] of Object.entries(targets).entries()) {
    // Each its own address: one account on one address is tried by one at a time.
    const address = index === 0 ? '127.0.0.1' : `127.0.69.${index}`;
    const hosts = numbers.map((number) => toVcenterHost(number, options.hosts[number - 1]));
    const { pageSize = 100, vcentersKeepItsTime = false } = options;
    const users = { sweeper: VCENTER_PASSWORD };
    const time = vcentersKeepItsTime ? { clock } : {};
    vcenters[name] = starting.use(await startDemoVcenter({ address, users, hosts, pageSize, ...time }));
  }
  const [vcenter] = Object.values(vcenters);
  if (vcenter === undefined) throw new RangeError('a fleet needs a target');
  let current: SmallFleetOptions = { ...options, targets };
  const configure = async (changes: Partial<SmallFleetOptions>) => {
    current = { ...current, ...changes };
    await writeConfig(folder, { options: current, vcenters, port: esxi.port, addressOf });
  };
  await configure({});

  const load = () => loadConfig(join(folder, 'vsweep.yaml'));
  const openLoaded = async (
    loaded: Awaited<ReturnType<typeof load>>,
    onProgress: OnProgress = () => undefined,
  ) => {
    const container = await openContainer(
      {
        loaded,
        env: {},
        clock,
        log: options.log ?? silentLog,
        push: true,
        onProgress: ({ done }) => {
          if (done > 0) void onProgress(container.state);
        },
      },
      running,
    );
    return container;
  };
  const open = async (onProgress?: OnProgress) => await openLoaded(await load(), onProgress);
  const sessions = () => Object.values(vcenters).reduce((sum, one) => sum + one.sessions(), 0);
  const sweep: SmallFleet['sweep'] = async ({ sessionsLeft, onProgress } = {}) => {
    const loaded = await load();
    await using container = await openLoaded(loaded, onProgress);
    const [first] = loaded.config.sweeps;
    if (first === undefined) throw new RangeError('the configuration has no sweep');
    const openBefore = sessions();
    const summary = await container.runSweep({ sweep: first }, running);
    expectConserved(summary);
    if (sessionsLeft !== 'any') expect(sessions()).toBeLessThanOrEqual(openBefore);
    await pollUntil('every ssh connection is closed', () => esxi.connections() === 0 || undefined, {
      timeoutMs: 60_000,
      everyMs: 5,
    });
    return summary;
  };
  const behave = async (behaviourOf: (host: SmallHost) => DemoSshBehaviour) => {
    for (const [index, host] of options.hosts.entries()) {
      await esxi.setBehaviour(addressOf(index + 1), behaviourOf(host));
    }
  };
  const resources = starting.move();
  return {
    vcenters,
    vcenter,
    esxi,
    clock,
    folder,
    addressOf,
    configure,
    open,
    sweep,
    async warmUp() {
      await behave(() => 'normal');
      // One target at a time tries the credential.
      for (const _ of Object.keys(vcenters).slice(1)) await sweep();
      const { targets } = await sweep();
      for (const { paths } of targets) expect(paths.ssh?.reasons).toEqual({ ok: paths.ssh?.hosts });
      await behave(({ behaviour = 'normal' }) => behaviour);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** hosts = ok + failed + skipped on every path, and each host is there once. */
export function expectConserved({ targets }: RunSummary): void {
  for (const { hosts, paths } of targets) {
    expect(new Set(hosts.map(({ moref }) => moref)).size).toBe(hosts.length);
    for (const [path, { hosts: all, ok, failed, skipped, reasons }] of Object.entries(paths)) {
      expect({ path, all }).toEqual({ path, all: hosts.length });
      expect(ok + failed + skipped).toBe(all);
      expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(all);
    }
  }
}

/** `esx1: ok ok` for each host of a target, or of the only one. */
export function outcomesOf(summary: RunSummary, target?: string): string[] {
  const found = summary.targets.find((one) => target === undefined || one.target === target);
  return (found?.hosts ?? []).map(printHost);
}

const printHost = ({ name, outcomes }: HostSummary) =>
  `${name}: ${Object.values(outcomes).map(printOutcome).join(' ')}`;

function startEsxi(hosts: readonly SmallHost[], addressOf: (number: number) => string): Promise<DemoEsxi> {
  return startDemoEsxi({
    user: 'vsweep',
    password: ESXI_PASSWORD,
    hosts: hosts.map(({ behaviour = 'normal', loginDelayMs = 0, commandDelayMs = 0 }, index) => ({
      address: addressOf(index + 1),
      behaviour,
      loginDelayMs,
      commandDelayMs,
      services: { hostd: 'running', vpxa: 'stopped' },
    })),
  });
}

export function toVcenterHost(number: number, { vcenter = {} }: SmallHost = {}): DemoVcenterHost {
  return {
    moref: `host-${number}`,
    name: `esx${number}`,
    cluster: 'c1',
    datacenter: 'dc',
    connectionState: 'connected',
    powerState: 'poweredOn',
    inMaintenanceMode: false,
    lockdownMode: 'lockdownDisabled',
    overallStatus: 'green',
    services: [{ key: 'TSM-SSH', running: true }],
    ...vcenter,
  };
}

const PATIENT = 'connectSeconds: 3, loginSeconds: 6, commandSeconds: 5';

async function writeConfig(
  folder: string,
  fleet: {
    options: SmallFleetOptions;
    vcenters: Readonly<Record<string, DemoVcenter>>;
    port: number;
    addressOf: (number: number) => string;
  },
): Promise<void> {
  const { options, vcenters, port, addressOf } = fleet;
  const {
    targets = {},
    hosts,
    pushUrl,
    gzip = true,
    collectors = 'overall-status, ssh-services',
    every = '5m',
    more = '',
    timeouts = PATIENT,
    targetKeys = {},
    dialled = {},
    hostKeys = '{ unknown: trust-first }',
  } = options;
  const targetLines = Object.keys(targets).map((name) => {
    const { url, sha256 } = vcenters[name] ?? {};
    const keys = {
      name,
      url: `"${url}"`,
      site: 'qa',
      credentials: '{ file: vcenter.yaml }',
      tls: `{ sha256: ["${sha256}"] }`,
      ...targetKeys[name],
    };
    return `  - { ${Object.entries(keys)
      .map(([key, value]) => `${key}: ${value}`)
      .join(', ')} }`;
  });
  const overrides = hosts.map((_, index) => {
    const host = `esx${index + 1}`;
    return `    ${host}: "${dialled[host] ?? `${addressOf(index + 1)}:${port}`}"`;
  });
  const push =
    pushUrl === undefined
      ? ''
      : `push: { url: "${pushUrl}", credentials: { file: push.yaml }, gzip: ${gzip} }\n`;
  const text = `targets:
${targetLines.join('\n')}
esxi:
  credentials: { file: esxi.yaml }
  hostKeys: ${hostKeys}
  services: [${SERVICES.join(', ')}]
  timeouts: { ${timeouts} }
  overrides:
${overrides.join('\n')}
sweeps:
  - { name: services, every: ${every}, collectors: [${collectors}] }
state: { path: state }
${push}${more}`;
  const account = (user: string, password: string) => `username: ${user}\npassword: ${password}\n`;
  const files = {
    'vsweep.yaml': text,
    'vcenter.yaml': account('sweeper', VCENTER_PASSWORD),
    'esxi.yaml': account('vsweep', ESXI_PASSWORD),
    'push.yaml': account('pusher', PUSH_PASSWORD),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
  }
}
