import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { HostLimits } from '../../../lib/state/stores/account-history.ts';
import { type BatchHost, type BatchRequest, decodeBatchResult } from '../../../lib/sweep/batch.ts';
import { type CollectBatchDeps, collectFrom } from '../../../lib/sweep/worker/collect-batch.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchHost, batchRequest, T0 } from './builders.ts';

const running = { signal: new AbortController().signal };
const config = parseConfig(
  `targets: [{ name: vc01, credentials: { env: VC } }]
sweeps: [{ name: services, every: 1m, collectors: [overall-status] }]
`,
  { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS },
);
const credential = { id: 'env:ESXI', version: 'v1', username: 'root', scope: 'host' } as const;
const off = { skip: 'blacklist' } as const;
/** Left alone because of a refusal; so its own limit matters. */
const refused = (number: number, more: Partial<BatchHost['account']> = {}) =>
  batchHost(number, { ssh: off, account: { refusals: 1, ...more } });

const objectOf = (moref: string, limits: Record<string, unknown> | undefined): RetrievedObject => ({
  moref: { type: 'HostSystem', value: moref },
  missing: new Map(),
  properties: new Map<string, never>(
    Object.entries({
      name: moref,
      overallStatus: 'green',
      ...(limits === undefined
        ? {}
        : { 'config.option': Object.entries(limits).map(([key, value]) => ({ key, value })) }),
    }) as never,
  ),
});

/** A batch of which vCenter answers these limits by moref; answers what was asked and what was kept. */
async function collect(
  hosts: BatchHost[],
  limits: Record<string, Record<string, unknown>>,
  changes: Partial<BatchRequest> = {},
) {
  const kept: (readonly [string, string, HostLimits])[] = [];
  const askedOptionsOf: string[] = [];
  const clock = createManualClock(T0);
  // Nobody is asked by ssh, so what that needs is not there.
  const deps: Partial<CollectBatchDeps> = {
    config,
    clock,
    log: silentLog,
    limits: {
      recordLimits: async (user, address, read) => void kept.push([user, address, read]),
    },
    cloneSession: async () => ({
      async *retrieve({ morefs, paths }) {
        const wantsOptions = paths.includes('config.option');
        if (wantsOptions) askedOptionsOf.push(...morefs);
        // vCenter may answer more than it was asked.
        const answered = wantsOptions ? Object.keys(limits) : morefs;
        for (const moref of answered) yield objectOf(moref, wantsOptions ? limits[moref] : undefined);
      },
      close: async () => undefined,
      measurements: () => ({ calls: 1, bytes: 1, failedLogouts: 0 }),
    }),
  };
  const request = batchRequest({ vcenter: { ticket: 'ticket' }, credential, hosts, ...changes });
  const { outcomes } = decodeBatchResult(await collectFrom(request, deps as CollectBatchDeps, running));
  return { kept, askedOptionsOf, outcomes: outcomes.length };
}

describe("a batch, and its hosts' own limits of refused logins", () => {
  const LIMITS = { 'Security.AccountLockFailures': 3, 'Security.AccountUnlockTime': 900 };

  it('keeps what is new of hosts that hold refusals, on their own addresses', async () => {
    const hosts = [refused(1), refused(2, { hostLimit: 3, unlockSeconds: 900 }), batchHost(3, { ssh: off })];
    const limits = { 'host-1': LIMITS, 'host-2': LIMITS };
    expect(await collect(hosts, limits)).toEqual({
      kept: [['root', '10.0.0.1', { hostLimit: 3, unlockSeconds: 900 }]],
      askedOptionsOf: ['host-1', 'host-2'],
      outcomes: 3,
    });
  });

  it('keeps one that changed', async () => {
    const hosts = [refused(1, { hostLimit: 5, unlockSeconds: 900 })];
    const { kept } = await collect(hosts, { 'host-1': LIMITS });
    expect(kept).toEqual([['root', '10.0.0.1', { hostLimit: 3, unlockSeconds: 900 }]]);
  });

  it('keeps none of a host that it did not ask for', async () => {
    const { kept } = await collect([refused(1), batchHost(2, { ssh: off })], { 'host-2': LIMITS });
    expect(kept).toEqual([]);
  });

  it('asks for none of an account that all hosts count together: their own limits do not hold for it', async () => {
    const domain = { credential: { ...credential, scope: 'domain' as const } };
    expect(await collect([refused(1)], { 'host-1': LIMITS }, domain)).toMatchObject({
      kept: [],
      askedOptionsOf: [],
    });
  });

  it('asks for none where nobody holds a refusal', async () => {
    expect((await collect([batchHost(1, { ssh: off })], { 'host-1': LIMITS })).askedOptionsOf).toEqual([]);
  });
});
