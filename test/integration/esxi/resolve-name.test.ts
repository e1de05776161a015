import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { startDemoEsxi } from '../../../lib/demo/esxi-sshd.ts';
import { SshError } from '../../../lib/esxi/errors.ts';
import { createResolveName } from '../../../lib/esxi/resolve-name.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { type DnsAnswer, startDnsServer } from '../../support/dns-server.ts';
import { ask, PASSWORD, statesOf, USER } from './demo-fleet.ts';

const running = { signal: new AbortController().signal };

/** A resolver whose only server answers as told. */
async function startNames(answerTo: (name: string) => DnsAnswer) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-names-'));
  const hostsFile = join(folder.path, 'hosts');
  const asked: string[] = [];
  const dns = await startDnsServer((name) => {
    asked.push(name);
    return answerTo(name);
  });
  return {
    hostsFile,
    asked,
    resolveName: createResolveName({ clock: systemClock, servers: [dns.server], hostsFile }),
    async [Symbol.asyncDispose]() {
      await dns[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

describe('resolveName', () => {
  it('lets names that nobody answers cost their own hosts only', async () => {
    const hosts = Array.from({ length: 60 }, (_, index) => ({
      address: `127.0.63.${index + 1}`,
      behaviour: 'normal' as const,
      services: { hostd: 'running' as const },
    }));
    const isSilent = (index: number) => index % 6 === 0;
    await using demo = await startDemoEsxi({ user: USER, password: PASSWORD, hosts });
    await using names = await startNames((name) => {
      const index = Number(/^esx(\d+)\./.exec(name)?.[1]);
      return isSilent(index) ? 'silence' : `127.0.63.${index + 1}`;
    });
    const ends = await Promise.all(
      hosts.map((_, index) =>
        ask(
          demo,
          {
            target: { host: `esx${index}.example.test`, port: demo.port },
            timeouts: { connectMs: 2_000, loginMs: 20_000, commandMs: 20_000 },
          },
          { resolveName: names.resolveName },
        ).then(statesOf, (error: unknown) => (error instanceof SshError ? error.code : error)),
      ),
    );
    const read = 'hostd=running vpxa=absent nsx-opsagent=absent nsxa=absent';
    expect(ends).toEqual(hosts.map((_, index) => (isSilent(index) ? 'dns' : read)));
    await vi.waitFor(() => expect(demo.connections()).toBe(0));
  });

  it('stops asking when it is given up', async () => {
    await using names = await startNames(() => 'silence');
    const giveUp = new AbortController();
    const resolving = names.resolveName('esx01.example.test', { signal: giveUp.signal });
    const ended = expect(resolving).rejects.toBe('given up');
    await vi.waitFor(() => expect(names.asked).toHaveLength(2));
    giveUp.abort('given up');
    await ended;
  });

  it('ends by itself when nobody answers', async () => {
    await using names = await startNames(() => 'silence');
    await expect(names.resolveName('esx01.example.test', running)).rejects.toMatchObject({
      code: 'ETIMEOUT',
    });
  });

  it('tells that there is no such name', async () => {
    await using names = await startNames(() => 'absent');
    await expect(names.resolveName('esx01.example.test', running)).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  it('takes what the hosts file says before DNS, and sees when it changes', async () => {
    await using names = await startNames(() => '10.0.0.1');
    await writeFile(names.hostsFile, '# ours\n10.0.0.2\tESX01.example.test esx01 # rack 7\n::2 esx01\n');
    expect(await names.resolveName('esx01.example.test', running)).toEqual(['10.0.0.2']);
    expect(await names.resolveName('esx01', running)).toEqual(['10.0.0.2', '::2']);
    expect(names.asked).toEqual([]);
    await writeFile(names.hostsFile, '10.0.0.20 esx01\n');
    expect(await names.resolveName('esx01', running)).toEqual(['10.0.0.20']);
    expect(await names.resolveName('esx01.example.test', running)).toEqual(['10.0.0.1']);
  });

  it('knows localhost without anybody', async () => {
    await using names = await startNames(() => 'silence');
    expect(await names.resolveName('localhost.', running)).toEqual(['127.0.0.1', '::1']);
  });
});
