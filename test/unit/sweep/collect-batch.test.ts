import { describe, expect, it } from 'vitest';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { printServiceLine, readServiceProbe } from '../../../lib/esxi/service-probe.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { decodeBatchResult } from '../../../lib/sweep/batch.ts';
import { type CollectBatchDeps, collectFrom } from '../../../lib/sweep/worker/collect-batch.ts';
import { createLoginTurns } from '../../../lib/sweep/worker/login-turns.ts';
import { batchHost, batchRequest } from './builders.ts';

const CONFIG = `
targets: [{ name: vc01, url: "https://vc01/sdk", credentials: { env: VC } }]
esxi: { credentials: { env: ESXI }, services: [hostd], hostKeys: { unknown: trust-first } }
sweeps: [{ name: services, every: 1m, collectors: [ssh-services] }]
`;

describe('collectFrom', () => {
  it('warns once of what hosts lack, with their number, and of what it is given to warn of', async () => {
    const collectors = { names: ['ssh-services'], overSsh: ['ssh-services'], overVcenter: [] };
    const unused = () => Promise.reject(new Error('not asked for'));
    const deps: Partial<CollectBatchDeps> = {
      config: parseConfig(CONFIG, { file: 'vsweep.yaml', collectors }),
      knownHosts: NO_KNOWN_HOSTS,
      clock: systemClock,
      log: silentLog,
      randomId: () => 'abcdefgh12345678',
      turns: createLoginTurns({ clock: systemClock }),
      cloneSession: unused,
      credentials: {
        read: async () => ({
          id: 'env:ESXI',
          version: 'v1',
          username: 'root',
          proof: { kind: 'password', password: 'x' },
        }),
      },
      async runCommand({ target, command }) {
        const { nonce = '' } = readServiceProbe(command) ?? {};
        const lacks = target.host === '10.0.0.3' ? '' : `@@${nonce} - lacks setsid\n`;
        const stdout = `${lacks}${printServiceLine(nonce, 'hostd', { code: 0, text: 'hostd is running.' })}`;
        const timings = { connectMs: 0, loginMs: 0, commandMs: 0 };
        return { stdout, exitCode: 0, authMethod: 'password', timings };
      },
    };
    const key = { hostKey: { type: 'ssh-rsa', blob: 'AAAA' } };
    const request = batchRequest({
      endsAt: systemClock.now() + 60_000,
      credential: { id: 'env:ESXI', version: 'v1', username: 'root', scope: 'host' },
      hosts: [batchHost(1, key), batchHost(2, key), batchHost(3, key)],
    });
    const signal = new AbortController().signal;
    const result = decodeBatchResult(
      await collectFrom(request, deps as CollectBatchDeps, { signal, warnings: ['w'.repeat(2_001)] }),
    );
    expect(result.outcomes.map(([, , ssh]) => ssh)).toEqual(Array(3).fill({ kind: 'ok' }));
    expect(result.warnings).toEqual([
      { text: expect.stringMatching(/^ssh: the host has no setsid: /), count: 2 },
      { text: 'w'.repeat(2_000), count: 1 },
    ]);
  });
});
