import { readFileSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createResolveName } from '../../../lib/esxi/resolve-name.ts';
import { type DnsAnswer, startDnsServer } from '../../support/dns-server.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const running = { signal: new AbortController().signal };
const NAME = 'esx01.example.test';

type Kind = 'A' | 'AAAA';

/** A resolver by a server that answers so, by a hosts file with these lines, and by a clock that stands still. */
async function startNames(
  answerTo: (name: string, kind: Kind) => DnsAnswer | Promise<DnsAnswer>,
  hosts = '',
) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-names-'));
  const hostsFile = join(folder.path, 'hosts');
  await writeFile(hostsFile, hosts);
  const asked: string[] = [];
  const dns = await startDnsServer((name, kind) => {
    asked.push(`${name} ${kind}`);
    return answerTo(name, kind);
  });
  const clock = createManualClock();
  return {
    clock,
    asked,
    conversations: () => conversationsWith(dns.server),
    resolve: createResolveName({ clock, servers: [dns.server], hostsFile }),
    async [Symbol.asyncDispose]() {
      await dns[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

/** How many sockets of this machine wait for an answer of a DNS server; the form is that of /proc/net/tcp. */
function conversationsWith(server: string): number {
  const port = Number(server.split(':')[1]);
  const [, ...lines] = readFileSync('/proc/net/udp', 'utf8').trim().split('\n');
  const remotes = lines.map((line) => line.trim().split(/\s+/)[2]?.split(':')[1] ?? '');
  return remotes.filter((remote) => Number.parseInt(remote, 16) === port).length;
}

describe('the addresses of a name', () => {
  it('are those of both kinds, IPv4 first, and nobody is waited for any more', async () => {
    const v6 = Promise.withResolvers<void>();
    await using names = await startNames(async (_name, kind) => {
      if (kind === 'AAAA') {
        v6.resolve();
        return '2001:db8::1';
      }
      await v6.promise;
      return '10.0.0.1';
    });
    expect(await names.resolve(NAME, running)).toEqual(['10.0.0.1', '2001:db8::1']);
    expect(names.asked.toSorted()).toEqual([`${NAME} A`, `${NAME} AAAA`]);
    expect(names.clock.sleepers()).toBe(0);
  });

  it.each([
    ['A', '10.0.0.1'],
    ['AAAA', '2001:db8::1'],
  ])('are those of one kind, %s, when the other does not come within 50 ms more', async (which, address) => {
    await using names = await startNames((_name, kind) => (kind === which ? address : 'silence'));
    const resolving = names.resolve(NAME, running);
    await expect.poll(() => names.clock.nextInMs()).toBe(50);
    names.clock.advance(50);
    expect(await resolving).toEqual([address]);
    await expect.poll(names.conversations).toBe(0);
  });

  it.each(['none', 'failure', 'absent'] as const)(
    'are those of one kind at once when the server says of the other: %s',
    async (other) => {
      await using names = await startNames((_name, kind) => (kind === 'AAAA' ? '2001:db8::1' : other));
      expect(await names.resolve(NAME, running)).toEqual(['2001:db8::1']);
    },
  );

  it.each([
    ['none', 'none', 'ENODATA'],
    ['none', 'failure', 'ESERVFAIL'],
    ['failure', 'none', 'ESERVFAIL'],
    ['absent', 'absent', 'ENOTFOUND'],
  ] as const)('are none when the server says %s and %s: %s', async (v4, v6, code) => {
    await using names = await startNames((_name, kind) => (kind === 'A' ? v4 : v6));
    await expect(names.resolve(NAME, running)).rejects.toMatchObject({ code });
  });

  it('are not waited for under a signal that has aborted, and nothing is asked any more', async () => {
    await using names = await startNames(() => 'silence');
    const resolving = names.resolve(NAME, { signal: AbortSignal.abort('before') });
    await expect(resolving).rejects.toBe('before');
    expect(names.asked).toEqual([]);
    const giveUp = new AbortController();
    const given = names.resolve(NAME, giveUp).catch((reason: unknown) => reason);
    await expect.poll(() => names.asked.length).toBe(2);
    expect(names.conversations()).toBeGreaterThan(0);
    giveUp.abort('given up');
    expect(await given).toBe('given up');
    await expect.poll(names.conversations).toBe(0);
  });

  it('are what has come when the signal aborts while the other kind is waited for', async () => {
    await using names = await startNames((_name, kind) => (kind === 'A' ? '10.0.0.1' : 'silence'));
    const giveUp = new AbortController();
    const resolving = names.resolve(NAME, giveUp);
    await expect.poll(() => names.clock.sleepers()).toBe(1);
    giveUp.abort('given up');
    expect(await resolving).toEqual(['10.0.0.1']);
  });
});

describe('a name that no server is asked for', () => {
  it('stands in the hosts file, in any case and with a dot at its end', async () => {
    await using names = await startNames(() => '10.0.0.1', '10.0.0.2 esx01.example.test\n');
    expect(await names.resolve('ESX01.Example.test.', running)).toEqual(['10.0.0.2']);
    expect(names.asked).toEqual([]);
  });

  it.each(['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'a.LocalHost.'])(
    'is this machine: %s',
    async (name) => {
      await using names = await startNames(() => '10.0.0.1');
      expect(await names.resolve(name, running)).toEqual(['127.0.0.1', '::1']);
      expect(names.asked).toEqual([]);
    },
  );

  it.each(['xlocalhost', 'localhost.example.test', 'a.b'])('is not this one: %s', async (name) => {
    await using names = await startNames((_name, kind) => (kind === 'A' ? '10.0.0.1' : 'none'));
    expect(await names.resolve(name, running)).toEqual(['10.0.0.1']);
  });
});
