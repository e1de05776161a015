import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket, type Server as TcpServer } from 'node:net';
import ssh2, { type Algorithms, type AuthContext, type Connection, type Server } from 'ssh2';
import type { Clock } from '../../platform/clock.ts';
import type { DemoSshBehaviour } from './behaviour.ts';
import { type DemoCommandAnswer, handleCommand } from './command.ts';
import type { DemoEsxcli } from './esxcli.ts';
import type { DemoServiceState } from './init-scripts.ts';
import { type DemoAccount, handleAuthentication } from './login.ts';

/** ESXi's in FIPS mode (domain facts, A.2). */
const ESXI_ALGORITHMS: Algorithms = {
  kex: ['ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521', 'diffie-hellman-group16-sha512'],
  cipher: ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr'],
  hmac: ['hmac-sha2-256', 'hmac-sha2-512'],
  serverHostKey: ['ecdsa-sha2-nistp256'],
  compress: ['none'],
};

export interface SimulatedHostOptions {
  readonly address: string;
  readonly behaviour: DemoSshBehaviour;
  readonly services: Readonly<Record<string, DemoServiceState>>;
  readonly commands?: Readonly<Record<string, DemoCommandAnswer>>;
  /** What esxcli prints; without it the host has none. */
  readonly esxcli?: DemoEsxcli;
  /** PEM; a new ecdsa-sha2-nistp256 key by default. */
  readonly hostKey?: string;
  readonly loginDelayMs?: number;
  readonly commandDelayMs?: number;
  readonly hungMs: number;
  readonly account: DemoAccount;
  readonly clock: Clock;
}

/** One address with its sshd. Behaviour is read when a connection, a login or a command arrives. */
export class SimulatedHost implements AsyncDisposable {
  readonly address: string;
  readonly attempts = { accepted: 0, refused: 0 };
  /** Every authentication request as it came: `none`, `keyboard-interactive`, `answer`, `publickey-query` … */
  readonly authRequests: string[] = [];
  readonly services: Map<string, DemoServiceState>;
  readonly sockets = new Set<Socket>();
  /** Connections that were ever made. */
  welcomed = 0;
  readonly #options: SimulatedHostOptions;
  readonly #stopped = new AbortController();
  #behaviour: DemoSshBehaviour;
  #sshServer: Server;
  #listener: TcpServer | undefined;

  constructor(options: SimulatedHostOptions) {
    this.address = options.address;
    this.services = new Map(Object.entries(options.services));
    this.#options = options;
    this.#behaviour = options.behaviour;
    this.#sshServer = this.#createSshServer(options.hostKey ?? newHostKey());
  }

  /** Listens unless it is `closed`; resolves to the port. */
  async listen(port: number): Promise<number> {
    const listener = createServer({ noDelay: true }, (socket) => this.#welcome(socket));
    listener.listen(port, this.address);
    await once(listener, 'listening');
    const bound = listener.address();
    this.#listener = listener;
    if (this.#behaviour === 'closed') await this.stopListening();
    return typeof bound === 'object' && bound !== null ? bound.port : port;
  }

  async behave(behaviour: DemoSshBehaviour, port: number): Promise<void> {
    this.#behaviour = behaviour;
    if (behaviour === 'closed') await this.stopListening();
    else if (this.#listener === undefined) await this.listen(port);
  }

  rekey(): void {
    this.#sshServer = this.#createSshServer(newHostKey());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.stopListening();
  }

  /** Ends what is open, too; `listen` may follow. */
  async stopListening(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    listener.close();
    for (const socket of this.sockets) socket.destroy();
    await once(listener, 'close');
  }

  #welcome(socket: Socket): void {
    this.welcomed += 1;
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    if (this.#behaviour === 'silent') socket.resume();
    else if (this.#behaviour === 'not-ssh') {
      socket.resume().end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    } else this.#sshServer.injectSocket(socket);
  }

  #createSshServer(hostKey: string): Server {
    const settings = { hostKeys: [hostKey], algorithms: ESXI_ALGORITHMS, ident: 'OpenSSH_8.8' };
    return new ssh2.Server(settings, (connection, { port }) => {
      const socket = [...this.sockets].find((one) => one.remotePort === port);
      this.#serve(connection, () => socket?.destroy());
    });
  }

  #serve(connection: Connection, drop: () => void): void {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => this.#authenticate(context, drop));
    connection.on('session', (accept) => {
      accept().on('exec', (run, _reject, { command }) => {
        const channel = run();
        channel.on('error', () => undefined);
        this.#answer(command, channel, drop).catch(() => drop());
      });
    });
  }

  #authenticate(context: AuthContext, drop: () => void): void {
    const isQuery = context.method === 'publickey' && context.signature === undefined;
    this.authRequests.push(isQuery ? 'publickey-query' : context.method);
    handleAuthentication(context, {
      behaviour: this.#behaviour,
      account: this.#options.account,
      judge: () =>
        this.#options.clock.sleep(this.#options.loginDelayMs ?? 0, { signal: this.#stopped.signal }),
      answered: () => void this.authRequests.push('answer'),
      accepted: () => {
        this.attempts.accepted += 1;
      },
      refused: () => {
        this.attempts.refused += 1;
      },
      drop,
    });
  }

  #answer(command: string, channel: Parameters<typeof handleCommand>[1], drop: () => void): Promise<void> {
    const { clock, commandDelayMs = 0, hungMs } = this.#options;
    const shell = {
      behaviour: this.#behaviour,
      clock,
      delayMs: commandDelayMs,
      hungMs,
      service: (name: string) => this.services.get(name) ?? 'absent',
      command: (line: string) => this.#options.commands?.[line],
      esxcli: this.#options.esxcli,
      drop,
    };
    return handleCommand(command, channel, shell, { signal: this.#stopped.signal });
  }
}

function newHostKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}
