import { answerOf, type Probe, probeError } from '../session/probe.ts';

export interface NtpReading {
  readonly isSynchronized: boolean;
  readonly peers: readonly {
    readonly peer: string;
    /** It answered at least one of the last eight questions. */
    readonly isReachable: boolean;
    /** Undefined until it has answered. */
    readonly offsetSeconds: number | undefined;
  }[];
}

/** Tally, name, reference, stratum, type, when, poll, reach (octal), delay, offset, jitter in ms; ntpq(8). */
const PEER =
  /^(?<tally>[ x.\-+#*o])(?<peer>[\w.:-]+) +\S+ +\d+ +\S +\S+ +\d+ +(?<reach>[0-7]+) +[\d.]+ +(?<offset>[+-]?[\d.]+) +[\d.]+\s*$/;

/** The peers of the host's ntpd, and whether it has chosen one. A host without peers is not synchronized. */
export const ntp: Probe<NtpReading> = {
  name: 'ntp',
  seconds: 6,
  keeps: { lines: 64 },
  anyEnd: true,
  commands: () => [{ key: 'peers', argv: ['ntpq', '-pn'] }],
  parse(answers) {
    const { code, stdout, stderr } = answerOf(answers, 'peers');
    if (code === 'timeout') throw probeError('exec-timeout', '"ntpq -pn" did not end; run it on the host');
    if (code === 127) throw probeError('output', 'the host has no ntpq');
    const isDown = /connection refused|no association/i.test(`${stdout}\n${stderr}`);
    const peers = stdout.split('\n').flatMap((line) => {
      const { tally = '', peer = '', reach = '0', offset } = PEER.exec(line)?.groups ?? {};
      return offset === undefined ? [] : [{ tally, peer, reach, offset }];
    });
    if (peers.length === 0 && !isDown) throw probeError('output', '"ntpq -pn" printed no table of peers');
    return {
      isSynchronized: peers.some(({ tally }) => tally === '*' || tally === 'o'),
      peers: peers.map(({ peer, reach, offset }) => {
        const isReachable = Number.parseInt(reach, 8) > 0;
        return { peer, isReachable, offsetSeconds: isReachable ? Number(offset) / 1_000 : undefined };
      }),
    };
  },
};
