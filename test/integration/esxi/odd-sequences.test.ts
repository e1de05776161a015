import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SshError } from '../../../lib/esxi/errors.ts';
import { ask, credentialWith, PASSWORD } from './demo-fleet.ts';

/** `npm run fuzz` tries more; the sequence of a number is always the same. */
const SEQUENCES = Number(process.env.FUZZ_SEQUENCES ?? 400);
const FIRST = Number(process.env.FUZZ_FROM ?? 65_536);
const AT_ONCE = 100;
/** Between two looks at the host that behaves, at the memory, and at what nobody listened to. */
const ROUND = 400;
const timeouts = { connectMs: 5_000, loginMs: 3_000, commandMs: 1_500 };
const patient = { connectMs: 60_000, loginMs: 60_000, commandMs: 60_000 };

/** Of the sequences, and of the host beside them: what they do to their own process is not what is tried. */
const script = fileURLToPath(new URL('odd-sequences-server.ts', import.meta.url));
const servers = [fork(script), fork(script)];
let port = 0;
let goodPort = 0;
beforeAll(async () => {
  const started = await Promise.all(servers.map((server) => once(server, 'message') as Promise<[number]>));
  [[port], [goodPort]] = started as [[number], [number]];
});
afterAll(() => {
  for (const server of servers) server.disconnect();
});

const addressOf = (sequence: number) =>
  `127.${(sequence >> 16) & 255}.${(sequence >> 8) & 255}.${sequence & 255}`;
const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
const CREDENTIALS = [
  credentialWith({ kind: 'password', password: PASSWORD }),
  credentialWith({ kind: 'private-key', privateKey: key.private }),
] as const;

/** Plays one sequence against a login and a command; how it ended. */
async function play(sequence: number): Promise<string> {
  const credential = CREDENTIALS[sequence % 2] ?? CREDENTIALS[0];
  const target = { host: addressOf(sequence), port };
  try {
    await ask({ port }, { target, credential, command: 'true', timeouts });
    return 'answered';
  } catch (error) {
    if (!(error instanceof SshError)) throw new Error(`sequence ${sequence}: ${error}`, { cause: error });
    expect(error.message, `sequence ${sequence}`).not.toMatch(/[^ -~]/);
    expect(error.message).not.toContain(PASSWORD);
    return error.code;
  }
}

describe('runCommand, on hosts that send valid packets in invalid order', () => {
  it(
    `makes each of ${SEQUENCES} sequences the outcome of its host, and reads the host beside them`,
    async () => {
      const limit = pLimit(AT_ONCE);
      const ends = new Map<string, number>();
      const unheard: unknown[] = [];
      const onUnheard = (error: unknown) => void unheard.push(error);
      process.on('uncaughtExceptionMonitor', onUnheard);
      let rssBefore = 0;
      for (let done = 0; done < SEQUENCES; done += ROUND) {
        const round = Array.from(
          { length: Math.min(ROUND, SEQUENCES - done) },
          (_, index) => FIRST + done + index,
        );
        const target = { host: '127.255.255.1', port: goodPort };
        const [neighbour, ...played] = await Promise.all([
          ask({ port: goodPort }, { target, command: 'true', timeouts: patient }),
          ...round.map((sequence) => limit(() => play(sequence))),
        ]);
        for (const end of played) ends.set(end, (ends.get(end) ?? 0) + 1);
        expect(neighbour).toMatchObject({ stdout: 'said\n', exitCode: 0 });
        expect(unheard, `sequences ${round[0]} to ${round.at(-1)}`).toEqual([]);
        const { rss } = process.memoryUsage();
        // What the first rounds take is code and caches.
        if (done <= 4 * ROUND) rssBefore = rss;
        else expect(rss).toBeLessThan(rssBefore + 150_000_000);
      }
      process.off('uncaughtExceptionMonitor', onUnheard);
      // Each kind of end was met: else the sequences try less than they say.
      expect([...ends.keys()]).toEqual(
        expect.arrayContaining(['answered', 'auth', 'banner', 'output', 'timeout']),
      );
      if (SEQUENCES > ROUND)
        process.stdout.write(`${SEQUENCES} sequences from ${FIRST}: ${JSON.stringify([...ends])}\n`);
    },
    30_000 + SEQUENCES * 200,
  );
});
