import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildServiceProbe, parseServiceProbe } from '../../../lib/esxi/service-probe.ts';

const NONCE = 'abcdefgh12345678';
const APPLETS = ['sh', 'setsid', 'sleep', 'dd', 'tr', 'cat'];

/** A shell and the commands that the script finds beside it. */
interface Shell {
  readonly name: string;
  readonly available: boolean;
  readonly canKillGroups: boolean;
  /** Fills a folder that is the whole PATH of the script. */
  install(bin: string): void;
}

const which = (command: string) =>
  spawnSync('/bin/sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).stdout.trim();
const link = (bin: string, names: readonly string[], target: (name: string) => string) => {
  for (const name of names) symlinkSync(target(name), join(bin, name));
};
const dash = which('dash');
const busybox = which('busybox');

const SHELLS: readonly Shell[] = [
  {
    name: 'dash',
    available: dash !== '',
    canKillGroups: true,
    install(bin) {
      symlinkSync(dash, join(bin, 'sh'));
      link(bin, ['setsid', 'sleep', 'dd', 'tr', 'cat'], which);
    },
  },
  {
    name: 'busybox ash, as on ESXi',
    available: busybox !== '',
    canKillGroups: true,
    install: (bin) => link(bin, APPLETS, () => busybox),
  },
  {
    name: 'a shell without setsid',
    available: dash !== '',
    canKillGroups: false,
    install(bin) {
      symlinkSync(dash, join(bin, 'sh'));
      link(bin, ['sleep', 'dd', 'tr', 'cat'], which);
    },
  },
];

/** CI sets it: a missing shell fails there instead of being skipped. */
const peersRequired = process.env['REQUIRE_PEERS'] === '1';

for (const shell of SHELLS) {
  describe.skipIf(!shell.available && !peersRequired)(`the probe script, run by ${shell.name}`, () => {
    const marker = `VSWEEP_TEST=${randomUUID()}`;
    let bin = '';
    let init = '';

    beforeAll(() => {
      bin = mkdtempSync(join(tmpdir(), 'vsweep-bin-'));
      shell.install(bin);
    });
    beforeEach(() => {
      init = mkdtempSync(join(tmpdir(), 'vsweep-init-'));
      return () => rmSync(init, { recursive: true });
    });
    afterAll(() => rmSync(bin, { recursive: true }));

    const write = (service: string, body: string) => {
      writeFileSync(join(init, service), `#!${join(bin, 'sh')}\n[ "$1" = status ] || exit 64\n${body}\n`);
      chmodSync(join(init, service), 0o755);
    };
    const run = async (services: readonly string[], checkSeconds = 8) => {
      const script = buildServiceProbe(services, NONCE, { initDirectory: init, checkSeconds });
      const [name, value] = marker.split('=') as [string, string];
      const child = spawn(join(bin, 'sh'), ['-c', script], { env: { PATH: bin, [name]: value } });
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      const code = await new Promise((resolve) => child.on('close', resolve));
      return { stdout: Buffer.concat(chunks).toString('latin1'), code };
    };
    /** Without process groups the shell cannot reach the children of a check. */
    const expectNothingLeft = async () => {
      if (shell.canKillGroups) await vi.waitFor(() => expect(processesWith(marker)).toEqual([]));
      else killAll(marker);
    };
    const statesOf = async (services: readonly string[], checkSeconds?: number) => {
      const { stdout } = await run(services, checkSeconds);
      return Object.fromEntries(
        parseServiceProbe(stdout, services, NONCE).map(({ service, state }) => [service, state]),
      );
    };

    it('reads running, stopped and missing services, each on one line', async () => {
      write('hostd', 'echo "hostd is running."');
      write('vpxa', 'echo "vpxa is not running"; exit 3');
      write('nsx-opsagent', 'echo "opsAgent is running" >&2');
      const services = ['hostd', 'vpxa', 'nsx-opsagent', 'nsxa'];
      const { stdout, code } = await run(services);
      expect(stdout.split('\n').toSorted()).toEqual(
        [
          '',
          `@@${NONCE} hostd |0|hostd is running. `,
          `@@${NONCE} nsx-opsagent |0|opsAgent is running `,
          `@@${NONCE} nsxa |127|`,
          `@@${NONCE} vpxa |3|vpxa is not running `,
        ].map((line) => expect.toSatisfy((got: string) => withCodeFirst(got) === line)),
      );
      expect(code).toBe(0);
      expect(processesWith(marker)).toEqual([]);
    });

    it('asks all services at once', async () => {
      const services = ['a', 'b', 'c'];
      for (const service of services) {
        write(
          service,
          `: > ${init}/${service}.seen
while ! { [ -f ${init}/a.seen ] && [ -f ${init}/b.seen ] && [ -f ${init}/c.seen ]; }; do :; done
echo ${service} is running`,
        );
      }
      expect(await statesOf(services)).toEqual({ a: 'running', b: 'running', c: 'running' });
    });

    it('kills a check that hangs, with its children, and still reads the others', async () => {
      write('hostd', 'echo "hostd is running."');
      write('hung', 'echo "hung is running"; sleep 3600 & wait');
      write('deaf', 'trap "" TERM HUP INT; while :; do sleep 3600; done');
      expect(await statesOf(['hostd', 'hung', 'deaf'], 1)).toEqual({
        hostd: 'running',
        hung: 'unknown',
        deaf: 'unknown',
      });
      await expectNothingLeft();
    });

    it('leaves no sleeper behind and does not wait for it', async () => {
      write('hostd', 'echo "hostd is running."');
      const { stdout } = await run(['hostd'], 3600);
      expect(stdout).toContain('is running');
      await vi.waitFor(() => expect(processesWith(marker)).toEqual([]));
    });

    it('is not held open by a daemon that a script leaves behind', async () => {
      write('hostd', 'echo "hostd is running."');
      write('forks', 'sleep 3600 >/dev/null 2>&1 & echo "forks is running"');
      expect(await statesOf(['hostd', 'forks'])).toEqual({ hostd: 'running', forks: 'running' });
      await expectNothingLeft();
    });

    it('cuts off a script that prints without end', async () => {
      write('hostd', 'echo "hostd is running."');
      write('flood', 'while :; do echo "flood flood flood" || exit 1; done');
      const { stdout } = await run(['hostd', 'flood'], 2);
      expect(stdout.length).toBeLessThan(1000);
      expect(parseServiceProbe(stdout, ['hostd', 'flood'], NONCE)).toEqual([
        { service: 'hostd', state: 'running' },
        { service: 'flood', state: 'unknown' },
      ]);
    });

    it('keeps whatever a script prints out of the readings of the others', async () => {
      write('hostd', 'echo "hostd is running."');
      write('vpxa', 'echo "vpxa is not running."; exit 3');
      write('hostile', `exec cat ${init}/output`);
      const piece = fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
        fc
          .constantFrom(
            `\n@@${NONCE} vpxa |0|vpxa is running\n`,
            '\x1b[2J',
            '\0',
            '|3|',
            '%s%n',
            '\\001',
            '$(reboot)',
          )
          .map((text) => Buffer.from(text)),
        fc.constant(Buffer.alloc(10_000, 'long ')),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
          writeFileSync(join(init, 'output'), Buffer.concat(pieces));
          expect(await statesOf(['hostile', 'hostd', 'vpxa'])).toMatchObject({
            hostd: 'running',
            vpxa: 'stopped',
          });
        }),
        { numRuns: 12 },
      );
    });
  });
}

/** The text and the code come from two processes: the code may stand after the text as well. */
const withCodeFirst = (line: string): string => line.replace(/^(@@\S+ \S+ )([^|]+)(\|\d+\|)$/, '$1$3$2');

/** Process ids on this machine that carry the marker in their environment; zombies have none. */
function processesWith(marker: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(marker))
    .map(Number);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return ''; // it has ended meanwhile
  }
}

function killAll(marker: string): void {
  for (const pid of processesWith(marker)) process.kill(pid, 'SIGKILL');
}
