import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { openRunPage } from '../../../lib/cli/run-page.ts';
import type { PageModel } from '../../../lib/page/page-model.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import type { State } from '../../../lib/state/state.ts';
import { notSwept, type RunSummary } from '../../../lib/sweep/result/summary.ts';
import { createConfigured } from './command-here.ts';

const { signal } = new AbortController();
const CONFIG = {
  targets: [{ name: 'vc1', site: 'lab', credentials: { env: 'VC' } }],
  sweeps: [{ name: 'status', every: '10m', collectors: ['overall-status'] }],
};
const STATUS = {
  version: '1.2.3',
  sweeps: [{ name: 'status', everyMs: 600_000, isStuck: false, broken: 0 }],
};
const RUN: RunSummary = {
  runId: 'r',
  sweep: 'status',
  scheduledAt: 1_000,
  startedAt: 1_000,
  endedAt: 2_000,
  exitCode: 0,
  targets: [notSwept('vc1', 'lease', ['busy'])],
};

/** The page of a configuration behind a server, with what it logs. */
async function openPage(exporter: object, env: Readonly<Record<string, string>> = {}) {
  await using making = new AsyncDisposableStack();
  const configured = making.use(await createConfigured({ ...CONFIG, exporter }));
  const logged: string[] = [];
  const page = making.use(
    await openRunPage(
      {
        loaded: await loadConfig(configured.text.config),
        env,
        status: () => ({
          ...STATUS,
          sweeps: STATUS.sweeps.map((sweep) => ({ ...sweep, isBroken: false })),
        }),
        log: createLineLog({ level: 'info', write: (line) => logged.push(line) }),
      },
      { signal },
    ),
  );
  const server = createServer((request, response) => {
    page.answer(request.url ?? '', request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  making.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const resources = making.move();
  return {
    page,
    logged,
    withState: configured.withState,
    get: (headers: Readonly<Record<string, string>> = {}) =>
      fetch(`http://127.0.0.1:${port}/page.json`, { headers }),
    async model(): Promise<PageModel> {
      return (await (await fetch(`http://127.0.0.1:${port}/page.json`)).json()) as PageModel;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const basic = (token: string) => ({ authorization: `Basic ${btoa(`:${token}`)}` });

describe('the page of vsweep run', () => {
  it('needs no token on this machine, and has each sweep and target before the first run', async () => {
    await using at = await openPage({ listen: '127.0.0.1:9666' });
    expect(await at.model()).toEqual({
      version: '1.2.3',
      accounts: [],
      groups: [],
      process: STATUS.sweeps,
      sweeps: [],
      targets: [{ name: 'vc1', site: 'lab', clusters: [] }],
    });
    expect(at.logged).toEqual([]);
  });

  it('needs the token of the configuration, and stays closed where that cannot be read, which is logged', async () => {
    const token = { env: 'PAGE' };
    await using open = await openPage({ token }, { PAGE_TOKEN: 'secret' });
    expect((await open.get()).status).toBe(401);
    expect((await open.get(basic('secret'))).status).toBe(200);
    await using closed = await openPage({ token });
    expect((await closed.get(basic('secret'))).status).toBe(403);
    expect(closed.logged).toEqual([
      expect.stringMatching(/^warn {2}the page is closed, because its token cannot be read error=".*PAGE/),
    ]);
    await using away = await openPage({ listen: '0.0.0.0:9666' });
    expect((await away.get()).status).toBe(403);
  });

  it('shows each run that it takes, and then the accounts that are left alone and the groups', async () => {
    await using at = await openPage({});
    await at.withState(async (state) => {
      const { accounts, groups } = state;
      for (let times = 0; times < 2; times += 1)
        await accounts.recordRefusal('root', 'esx1', { version: 'v1' }, { signal });
      const attempt = { id: 'a', version: 'v1', seen: { refusals: 0 } };
      await accounts.beginAttempt('tried', 'esx2', attempt, { signal });
      await groups.record({ job: 'vsweep_status', instance: 'vc1' }, { signal });
      at.page.take(RUN, { state, signal });
      expect((await at.model()).sweeps).toEqual([
        {
          sweep: 'status',
          target: 'vc1',
          everyMs: 600_000,
          runs: [{ startedAt: 1_000, durationMs: 0, status: 'lease', ok: 0, failed: 0, skipped: 0 }],
          problems: ['busy'],
          warnings: [],
          deliveries: [],
        },
      ]);
      await vi.waitFor(async () => expect((await at.model()).groups).toHaveLength(1), 60_000);
    });
    const { accounts, groups } = await at.model();
    expect(groups).toMatchObject([{ job: 'vsweep_status', instance: 'vc1' }]);
    expect(accounts).toEqual([
      {
        user: 'root',
        address: 'esx1',
        hosts: [],
        refusals: 2,
        next: 'after "blacklist lift"',
        lift: expect.stringContaining('vsweep blacklist lift --user root --address esx1 --counter-was-reset'),
      },
    ]);
    expect(at.logged).toEqual([]);
  });

  it('keeps what it has of the state when that cannot be read, which is logged, and takes the next run', async () => {
    await using at = await openPage({});
    const away = {
      groups: { readAll: async () => Promise.reject(new Error('state is away')) },
      accounts: { list: async () => [] },
      hostLists: { read: async () => undefined },
      credentialStates: { list: async () => [] },
    } as unknown as State;
    at.page.take(RUN, { state: away, signal });
    await vi.waitFor(() => expect(at.logged).toHaveLength(1), 60_000);
    expect(at.logged).toEqual(['warn  the page shows the state of the run before error="state is away"']);
    at.page.take(RUN, { state: away, signal: AbortSignal.abort() });
    at.page.take(RUN, { state: away, signal });
    expect((await at.model()).sweeps[0]?.runs).toHaveLength(3);
  });
});
