/**
 * A process of ssh servers that send valid packets in invalid order. The address that is dialled is the seed: 127.a.b.c
 * is sequence a * 65,536 + b * 256 + c, and 127.255.255.1 is a host that behaves. It prints its port.
 */
import { createServer, type Socket } from 'node:net';
import ssh2, { type Connection } from 'ssh2';
import { acceptAnswer, newHostKey } from '../../support/ssh/odd-server.ts';
import {
  exchangeKeysWith,
  packet,
  protocolOf,
  sendPayload,
  string,
  uint32,
} from '../../support/ssh/raw-packets.ts';

/** Where in a connection the odd packets go out. */
const STAGES = [
  'connection',
  'handshake',
  'none',
  'credential',
  'accepted',
  'ready',
  'session',
  'exec',
  'answered',
] as const;
type Stage = (typeof STAGES)[number];

/** There what belongs to a channel tries more than what belongs to a login. */
const CHANNEL_STAGES: readonly Stage[] = ['ready', 'session', 'exec', 'answered'];

/** The connection stays open five times of seven. */
const STAYS = Array.from({ length: 5 }, () => () => undefined);

/** mulberry32: the same numbers from 0 to 1 for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What one connection sends, by its seed. */
function createSequence(seed: number) {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const text = () =>
    pick(['', 'x', 'publickey', 'password', 'keyboard-interactive', 'y'.repeat(2_000), '\0\n\x1b[2J']);
  const id = () => (random() < 0.9 ? 0 : pick([1, 7, 0xff_ff_ff_ff]));
  const bytes = () => Buffer.from(Array.from({ length: below(60) }, () => below(256)));
  const ofTransport: readonly (() => Uint8Array)[] = [
    () => packet.disconnect(below(16), text()),
    () => packet.ignore(below(3_000)),
    () => packet.unimplemented(below(100)),
    () => packet.debug(text()),
    () => packet.serviceAccept(pick(['ssh-userauth', 'ssh-connection', text()])),
    () => packet.extInfo(pick(['rsa-sha2-256', 'ssh-rsa', text()])),
    () => packet.newKeys(),
  ];
  const ofLogin: readonly (() => Uint8Array)[] = [
    () => packet.authFailure(pick(['publickey', 'password', 'keyboard-interactive', text()]), random() < 0.3),
    () => packet.authSuccess(),
    () => packet.authBanner(text()),
    () => packet.publicKeyOk(text(), bytes()),
    () => packet.prompts(...Array.from({ length: below(3) }, () => ({ text: text(), echo: random() < 0.3 }))),
  ];
  const ofChannels: readonly (() => Uint8Array)[] = [
    () => packet.globalRequest(pick(['keepalive@openssh.com', 'tcpip-forward', text()]), random() < 0.5),
    () => packet.hostKeys(bytes()),
    () => packet.requestSuccess(bytes()),
    () => packet.requestFailure(),
    () =>
      packet.channelOpen(pick(['x11', 'session', 'auth-agent@openssh.com']), id(), string(text()), uint32(1)),
    () => packet.channelConfirm(id(), pick([0, 1 << 20]), pick([0, 32_768])),
    () => packet.channelRefuse(id(), text()),
    () => packet.windowAdjust(id(), pick([0, 1, 0xff_ff_ff_ff])),
    () => packet.data(id(), text()),
    () => packet.extendedData(id(), text(), pick([1, 1, 1, 2])),
    () => packet.eof(id()),
    () => packet.close(id()),
    () => packet.channelRequest(id(), text(), random() < 0.5),
    () => packet.exitStatus(id(), below(256)),
    () => packet.exitSignal(id(), pick(['KILL', text()])),
    () => packet.channelSuccess(id()),
    () => packet.channelFailure(id()),
  ];
  const malformed: readonly (() => Uint8Array)[] = [
    () => Buffer.concat([Buffer.from([below(256)]), bytes()]),
    () => Buffer.concat([Buffer.from([pick([20, 30, 31, 51, 60, 94, 95, 98])]), bytes()]),
  ];
  const stages = new Set(Array.from({ length: 1 + below(2) }, () => pick(STAGES)));
  return {
    pick,
    random,
    /** Sends what the seed says for the stage; true when the server then falls silent in it. */
    play(stage: Stage, connection: Connection, socket: Socket): boolean {
      if (!stages.has(stage)) return false;
      const fitting = CHANNEL_STAGES.includes(stage) ? ofChannels : [...ofLogin, ...ofTransport];
      const makers = () => (random() < 0.85 ? fitting : pick([ofTransport, ofLogin, ofChannels, malformed]));
      for (let left = 1 + below(16); left > 0; left -= 1) sendPayload(connection, pick(makers())());
      if (random() < 0.15) protocolOf(connection).rekey();
      if (random() < 0.1) exchangeKeysWith(connection, newHostKey());
      pick([() => socket.end(), () => socket.destroySoon(), ...STAYS])();
      return random() < 0.3;
    },
  };
}

const seedOf = (address = ''): number => {
  const [, a = 0, b = 0, c = 0] = address.split('.').map(Number);
  return a * 65_536 + b * 256 + c;
};
const GOOD = seedOf('127.255.255.1');

const server = new ssh2.Server({ hostKeys: [newHostKey()], ident: 'OpenSSH_8.8' }, (connection, { port }) => {
  const socket = sockets.get(port);
  if (socket === undefined) return;
  const seed = seedOf(socket.localAddress);
  const sequence = seed === GOOD ? { play: () => false } : createSequence(seed);
  serve(connection, (stage) => sequence.play(stage, connection, socket));
});

function serve(connection: Connection, play: (stage: Stage) => boolean): void {
  connection.on('error', () => undefined);
  connection.on('handshake', () => void play('handshake'));
  connection.on('ready', () => void play('ready'));
  connection.on('authentication', (context) => {
    if (context.method === 'none') {
      if (!play('none')) context.reject(['publickey', 'keyboard-interactive']);
    } else if (!play('credential')) {
      if (context.method === 'publickey') context.accept();
      else acceptAnswer(context);
      play('accepted');
    }
  });
  connection.on('session', (accept) => {
    if (play('session')) return;
    accept().on('exec', (run) => {
      if (play('exec')) return;
      const channel = run();
      channel.on('error', () => undefined);
      channel.write('said\n');
      channel.exit(0);
      play('answered');
      channel.end();
    });
  });
  play('connection');
}

const sockets = new Map<number | undefined, Socket>();
const listener = createServer({ noDelay: true }, (socket) => {
  sockets.set(socket.remotePort, socket);
  const { remotePort } = socket;
  socket.once('close', () => sockets.delete(remotePort));
  socket.on('error', () => undefined);
  server.injectSocket(socket);
});
// What such a conversation does to ssh2's server is not what is tried here.
process.on('uncaughtException', () => undefined);
process.on('unhandledRejection', () => undefined);
process.on('disconnect', () => process.exit());
listener.listen(0, '0.0.0.0', () => {
  const bound = listener.address();
  process.send?.(typeof bound === 'object' && bound !== null ? bound.port : 0);
});
