import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import ssh2, { type Algorithms, type AuthContext, type Connection } from 'ssh2';

/** What an odd server does at each stage; what is left out it does as any server does. */
export interface OddServerScript {
  /** In the place of the whole conversation. */
  readonly onSocket?: (socket: Socket) => void;
  readonly onConnection?: (connection: Connection, socket: Socket) => void;
  /** Of the first and of each further key exchange. */
  readonly onHandshake?: (connection: Connection, socket: Socket) => void;
  /** Each authentication request; by default keyboard-interactive with one prompt is accepted. */
  readonly onAuthentication?: (context: AuthContext, connection: Connection, socket: Socket) => void;
  readonly onReady?: (connection: Connection, socket: Socket) => void;
  /** The client asks for a channel; true: it was answered here. */
  readonly onSession?: (connection: Connection, socket: Socket) => boolean;
  /** The client's command came and was not answered yet. By default `said` is printed and the code 0 given. */
  readonly onExec?: (connection: Connection, socket: Socket, command: string) => void;
}

export interface OddServerOptions extends OddServerScript {
  readonly address?: string;
  readonly algorithms?: Algorithms;
  readonly hostKeys?: readonly string[];
  readonly ident?: string;
}

export interface OddServer extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  connections(): number;
}

export const newHostKey = (): string => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
};

/** An ssh server of this process that does what its script says where a hostile or broken one would. */
export async function startOddServer(options: OddServerOptions = {}): Promise<OddServer> {
  const { address = '127.0.63.1', algorithms, hostKeys = [newHostKey()], ident = 'OpenSSH_8.8' } = options;
  const sockets = new Set<Socket>();
  const server = new ssh2.Server(
    { hostKeys: [...hostKeys], ident, ...(algorithms && { algorithms }) },
    (connection, { port }) => {
      const socket = [...sockets].find(({ remotePort }) => remotePort === port);
      if (socket !== undefined) serve(connection, socket, options);
    },
  );
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (options.onSocket) options.onSocket(socket);
    else server.injectSocket(socket);
  });
  listener.listen(0, address);
  await once(listener, 'listening');
  const bound = listener.address();
  return {
    address,
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const socket of sockets) socket.destroy();
      await once(listener, 'close');
    },
  };
}

function serve(connection: Connection, socket: Socket, script: OddServerScript): void {
  connection.on('error', () => undefined);
  connection.on('handshake', () => script.onHandshake?.(connection, socket));
  connection.on('ready', () => script.onReady?.(connection, socket));
  connection.on('authentication', (context) => {
    if (script.onAuthentication) script.onAuthentication(context, connection, socket);
    else acceptAnswer(context);
  });
  connection.on('session', (accept) => {
    if (script.onSession?.(connection, socket)) return;
    const session = accept();
    session.on('exec', (run, _reject, { command }) => {
      if (script.onExec) script.onExec(connection, socket, command);
      else {
        const channel = run();
        channel.on('error', () => undefined);
        channel.write('said\n');
        channel.exit(0);
        channel.end();
      }
    });
  });
  script.onConnection?.(connection, socket);
}

/** One prompt that hides its answer, and any answer is right. */
export function acceptAnswer(context: AuthContext): void {
  if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
  else context.prompt([{ prompt: 'Password: ', echo: false }], () => context.accept());
}
