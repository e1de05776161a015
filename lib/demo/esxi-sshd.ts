import { type Clock, systemClock } from '../platform/clock.ts';
import type { DemoSshBehaviour } from './esxi-sshd/behaviour.ts';
import type { DemoCommandAnswer } from './esxi-sshd/command.ts';
import type { DemoEsxcli } from './esxi-sshd/esxcli.ts';
import type { DemoServiceState } from './esxi-sshd/init-scripts.ts';
import { SimulatedHost } from './esxi-sshd/simulated-host.ts';

export type { DemoServiceState, DemoSshBehaviour };

export interface DemoEsxiHost {
  /** A loopback address of its own: 127.x.y.z. */
  readonly address: string;
  readonly behaviour: DemoSshBehaviour;
  /** A service that is not named is absent. */
  readonly services: Readonly<Record<string, DemoServiceState>>;
  /** What other commands than init scripts print, by their line; one that is not named is missing. */
  readonly commands?: Readonly<Record<string, DemoCommandAnswer>>;
  /** What esxcli prints; without it the host has none. */
  readonly esxcli?: DemoEsxcli;
  /** The private host key in PEM; a new ecdsa-sha2-nistp256 key by default. */
  readonly hostKey?: string;
  /** The answer to a password waits so long. */
  readonly loginDelayMs?: number;
  /** The answer to a command waits so long. */
  readonly commandDelayMs?: number;
}

export interface DemoEsxiOptions {
  readonly hosts: readonly DemoEsxiHost[];
  /** The same on every address; by default one that is free on all. */
  readonly port?: number;
  readonly user: string;
  readonly password: string;
  /** One line as in authorized_keys; publickey is offered as well then. */
  readonly publicKey?: string;
  /** How long a session with a command that hangs takes; 8 s as with the services. */
  readonly hungMs?: number;
  readonly clock?: Clock;
}

/** A fleet of simulated ESXi hosts in this process, each with its address, host key and counts. */
export interface DemoEsxi extends AsyncDisposable {
  readonly port: number;
  setService(address: string, service: string, state: DemoServiceState): void;
  /** Resolves when new connections see it; leaving or entering `closed` takes a moment. */
  setBehaviour(address: string, behaviour: DemoSshBehaviour): Promise<void>;
  /** Credentials that were accepted and refused. */
  loginAttempts(address: string): { accepted: number; refused: number };
  /** Every authentication request in its order: `none`, `keyboard-interactive`, `answer`, `publickey-query` … */
  authRequests(address: string): readonly string[];
  /** Gives the host a new key, as a new installation does. */
  rekey(address: string): void;
  /** Connections that were ever made to the host. */
  connectionsTo(address: string): number;
  /** Open connections, over all hosts. */
  connections(): number;
}

const PORT_ATTEMPTS = 20;

export async function startDemoEsxi(options: DemoEsxiOptions): Promise<DemoEsxi> {
  const { user, password, publicKey, hungMs = 8000, clock = systemClock } = options;
  const account = { user, password, ...(publicKey !== undefined && { publicKey }) };
  const hosts = new Map(
    options.hosts.map((host) => [host.address, new SimulatedHost({ ...host, account, hungMs, clock })]),
  );
  const port = await listenOnOnePort([...hosts.values()], options.port);
  const find = (address: string): SimulatedHost => {
    const host = hosts.get(address);
    if (host === undefined) throw new RangeError(`the demo has no ESXi host at ${address}`);
    return host;
  };
  return {
    port,
    setService: (address, service, state) => void find(address).services.set(service, state),
    setBehaviour: (address, behaviour) => find(address).behave(behaviour, port),
    loginAttempts: (address) => ({ ...find(address).attempts }),
    authRequests: (address) => [...find(address).authRequests],
    rekey: (address) => find(address).rekey(),
    connectionsTo: (address) => find(address).welcomed,
    connections: () => [...hosts.values()].reduce((sum, host) => sum + host.sockets.size, 0),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(Array.from(hosts.values(), (host) => host[Symbol.asyncDispose]()));
    },
  };
}

/** A port that is free on the first address may be taken on another one; then another port is tried. */
async function listenOnOnePort(hosts: readonly SimulatedHost[], wanted: number | undefined): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    let port = wanted ?? 0;
    try {
      for (const host of hosts) port = await host.listen(port);
      return port;
    } catch (error) {
      await Promise.all(hosts.map((host) => host.stopListening()));
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || wanted !== undefined || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}
