import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { SshError } from '../../../lib/esxi/errors.ts';
import { services } from '../../../lib/esxi/probes/services.ts';
import { readScript } from '../../../lib/esxi/session/script.ts';
import { createTurnsOfRuns } from '../../../lib/logins/trial/domain-turns.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import { type BatchHost, decodeBatchResult } from '../../../lib/sweep/batch.ts';
import type { WorkerSession } from '../../../lib/sweep/sessions.ts';
import { type CollectBatchDeps, collectFrom } from '../../../lib/sweep/worker/collect-batch.ts';
import { createLoginTurns } from '../../../lib/sweep/worker/login-turns.ts';
import type { PropertyValue, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { answerServices } from '../../support/esxi/asked-services.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { NO_CONNECTION } from '../../support/no-connection.ts';
import { batchHost, batchRequest, history, readRequest, T0 } from './builders.ts';

const CREDENTIAL = { id: 'env:ESXI', version: 'v1', username: 'root' } as const;
const KEY = { hostKey: { type: 'ssh-rsa', blob: 'AAAA' } };

/** What vCenter says of one host. */
const saying = (number: number, properties: Record<string, PropertyValue>): RetrievedObject => ({
  moref: { type: 'HostSystem', value: `host-${number}` },
  properties: new Map(Object.entries(properties)),
  missing: new Map(),
});
const named = (number: number, more: Record<string, PropertyValue> = {}) =>
  saying(number, { name: `esx${number}`, overallStatus: 'green', ...more });

interface Work {
  collectors?: readonly string[];
  /** To read instead of to ask. */
  read?: boolean;
  objects?: readonly RetrievedObject[];
  warnings?: readonly string[];
  ssh?: CollectBatchDeps['runCommand'];
  probes?: string[];
  /** How long vCenter takes for an answer. */
  passingMs?: number;
}

const answering: CollectBatchDeps['runCommand'] = async ({ command }, { verifyHostKey }, options) => {
  await verifyHostKey({ type: 'ssh-rsa', blob: 'AAAA' }, options);
  return {
    stdout: answerServices(command),
    exitCode: 0,
    authMethod: 'password',
    timings: { connectMs: 0, loginMs: 0, commandMs: 0 },
  };
};

/** A worker whose vCenter and hosts answer as told; what it asks of them, and what it keeps. */
async function collect(
  hosts: readonly BatchHost[],
  {
    collectors = ['ssh-services'],
    read = false,
    objects = [],
    warnings = [],
    ssh = answering,
    probes = [services.name],
    passingMs = 0,
  }: Work = {},
) {
  const text = JSON.stringify({
    targets: [{ name: 'vc01', url: 'https://vc01/sdk', credentials: { env: 'VC' } }],
    esxi: { credentials: { env: 'ESXI' }, services: ['hostd'], hostKeys: { unknown: 'trust-first' } },
    sweeps: [{ name: 'services', every: '1m', collectors }],
  });
  const asked: { morefs: readonly string[]; paths: readonly string[] }[] = [];
  const kept: unknown[] = [];
  const clock = createManualClock(T0);
  const session: WorkerSession = {
    async *retrieve({ morefs, paths }) {
      asked.push({ morefs, paths });
      clock.advance(passingMs);
      yield* objects;
    },
    close: async () => undefined,
    ...NO_CONNECTION,
    measurements: () => ({ calls: 3, bytes: 5, failedLogouts: 1 }),
  };
  const deps: Partial<CollectBatchDeps> = {
    config: parseConfig(text, { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS }),
    knownHosts: NO_KNOWN_HOSTS,
    clock,
    log: silentLog,
    randomId: () => 'abcdefgh12345678',
    joinKnownTurns: createTurnsOfRuns(clock),
    turns: createLoginTurns({ clock }),
    cloneSession: async (_target, ticket, { endsAt }) => {
      kept.push(['clone', ticket, endsAt]);
      return session as never;
    },
    credentials: { read: async () => ({ ...CREDENTIAL, proof: { kind: 'password', password: 'x' } }) },
    records: {
      beginAttempt: async () => true,
      closeAttempt: async () => undefined,
      recordRefusal: async () => history(),
      recordSuccess: async () => undefined,
      beginDial: async () => undefined,
      endDial: async () => undefined,
      readUnsettled: async () => createAddressMap([]),
      pin: async () => 'pinned',
    },
    runCommand: ssh,
    probes: [services],
  };
  const credential = { ...CREDENTIAL, scope: 'host' } as const;
  const bytes = await collectFrom(
    read
      ? readRequest({ items: hosts.map(({ moref }) => ['HostSystem', moref]) })
      : batchRequest({ credential, probes, hosts: [...hosts] }),
    deps as CollectBatchDeps,
    { signal: new AbortController().signal, warnings },
  );
  return { ...decodeBatchResult(bytes), asked, kept };
}

describe('a batch that asks', () => {
  it('warns once of what hosts lack, with their number, and of what it is given to warn of', async () => {
    const ssh: CollectBatchDeps['runCommand'] = async (request, ...rest) => {
      const { nonce = '' } = readScript(request.command) ?? {};
      const result = await answering(request, ...rest);
      const lacks = request.target.host === '10.0.0.3' ? '' : `@@${nonce} - lacks setsid\n`;
      return { ...result, stdout: lacks + result.stdout };
    };
    const hosts = [1, 2, 3].map((one) => batchHost(one, KEY));
    const result = await collect(hosts, { ssh, warnings: ['w'.repeat(2_001)] });
    expect(result.outcomes.map(([, outcome]) => outcome)).toEqual(Array(3).fill({ kind: 'ok' }));
    expect(result.warnings).toEqual([
      { text: expect.stringMatching(/^ssh: the host has no setsid: /), count: 2 },
      { text: 'w'.repeat(2_000), count: 1 },
    ]);
  });

  it('tells of each host in the order of the request, and asks vCenter for nothing', async () => {
    const hosts = [batchHost(1, { proven: false }), batchHost(2, KEY), batchHost(3, KEY), batchHost(4, KEY)];
    const ssh: CollectBatchDeps['runCommand'] = (request, ...rest) => {
      if (request.target.host === '10.0.0.2')
        return Promise.reject(new SshError('it hung up', { code: 'banner' }));
      if (request.target.host === '10.0.0.4')
        return Promise.reject(new SshError('no connection', { code: 'connection-refused' }));
      return answering(request, ...rest);
    };
    const result = await collect(hosts, { collectors: ['overall-status', 'ssh-services'], ssh });
    expect({ ...result, logins: result.logins.toSorted() }).toMatchObject({
      version: 2,
      target: 'vc01',
      batch: 0,
      outcomes: [
        ['host-1', { kind: 'ok' }],
        ['host-2', { kind: 'failed', reason: 'banner' }],
        ['host-3', { kind: 'ok' }],
        ['host-4', { kind: 'failed', reason: 'connection-refused' }],
      ],
      logins: [
        ['host-1', 'accepted'],
        ['host-3', 'accepted'],
      ],
      pinned: ['host-1'],
      unconnected: ['host-4'],
      sshStopped: [],
      details: [
        ['host-2', 'it hung up'],
        ['host-4', 'no connection'],
      ],
      families: [
        {
          metric: 'esxi_critical_service_status',
          items: [0, 2],
          values: [1, 1],
          labels: [{ words: ['hostd'], at: [0, 0] }],
        },
        {
          metric: 'esxi_service_state',
          items: [0, 2],
          values: [1, 1],
          labels: [
            { words: ['hostd'], at: [0, 0] },
            { words: ['running'], at: [0, 0] },
          ],
        },
      ],
      measurements: { vcenterCalls: 0, vcenterBytes: 0, failedLogouts: 0, durationMs: 0 },
    });
    expect([result.asked, result.kept]).toEqual([[], []]);
  });
});

describe('the probes of a batch', () => {
  it('are asked as the request names them, each once', async () => {
    const asked: string[][] = [];
    const ssh: CollectBatchDeps['runCommand'] = (request, ...rest) => {
      asked.push((readScript(request.command)?.commands ?? []).map(({ label }) => label));
      return answering(request, ...rest);
    };
    await collect([batchHost(1, KEY)], { ssh, probes: ['services', 'services'] });
    expect(asked).toEqual([['services/hostd']]);
  });

  it('are refused before any host is asked when one is not known', async () => {
    const ssh = () => Promise.reject(new Error('it was asked'));
    await expect(collect([batchHost(1, KEY)], { ssh, probes: ['services', 'uptime'] })).rejects.toThrow(
      'the worker does not know the probe "uptime"; deploy the sweep function and its workers together',
    );
  });
});

describe('a batch that reads', () => {
  const reading = (hosts: readonly BatchHost[], work: Work = {}) =>
    collect(hosts, { collectors: ['overall-status'], read: true, ...work });
  const HOSTS = [batchHost(1), batchHost(2), batchHost(3)];

  it('tells of each item in the order of the request, and what it took, and logs in to no host', async () => {
    const ssh = () => Promise.reject(new Error('not asked for'));
    const objects = [named(2), named(1), saying(3, {})];
    expect(await reading(HOSTS, { objects, ssh })).toMatchObject({
      outcomes: [
        ['host-1', { kind: 'ok' }],
        ['host-2', { kind: 'ok' }],
        ['host-3', { kind: 'failed', reason: 'unreadable' }],
      ],
      logins: [],
      details: [
        ['host-3', expect.stringMatching(/^vCenter did not return the host or its name; give .*"Read-only"/)],
      ],
      families: [
        { metric: 'esxi_overall_status', items: [1, 0], values: [2, 2], labels: [] },
        {
          metric: 'esxi_overall_status_info',
          items: [1, 0],
          values: [1, 1],
          labels: [{ words: ['green'], at: [0, 0] }],
        },
      ],
      collectors: [{ name: 'overall-status', success: true, durationMs: 0 }],
      warnings: [
        { text: 'overall-status: overallStatus could not be read: vCenter sent no value', count: 1 },
      ],
      measurements: { vcenterCalls: 3, vcenterBytes: 5, failedLogouts: 1, durationMs: 0 },
      asked: [{ morefs: ['host-1', 'host-2', 'host-3'], paths: ['name', 'overallStatus'] }],
      kept: [['clone', 't', T0 + 40_000]],
    });
  });

  it('fails the collectors of a reader that cannot go on, and no other one', async () => {
    const objects = [named(1), named(2)];
    const collectors = ['overall-status', 'host-performance'];
    expect(await reading(HOSTS.slice(0, 2), { objects, collectors })).toMatchObject({
      outcomes: [
        ['host-1', { kind: 'ok' }],
        ['host-2', { kind: 'ok' }],
      ],
      collectors: [
        { name: 'overall-status', success: true },
        { name: 'host-performance', success: false },
      ],
      warnings: [{ text: 'host-performance: counters: this fake session has no counters' }],
    });
  });

  it('tells of no role where the session ended while items were read', async () => {
    const ended = { ...saying(2, {}), missing: new Map([['name', 'NotAuthenticated']]) };
    const { outcomes, details } = await reading(HOSTS.slice(0, 2), { objects: [named(1), ended] });
    expect(outcomes).toEqual([
      ['host-1', { kind: 'ok' }],
      ['host-2', { kind: 'failed', reason: 'session' }],
    ]);
    expect(details).toEqual([]);
  });

  it('measures whole milliseconds', async () => {
    expect((await reading(HOSTS, { passingMs: 12.75 })).measurements.durationMs).toBe(13);
  });

  it('tells of a vCenter that failed what it failed of, at each item', async () => {
    const failing = new Error(`down ${'x'.repeat(1_000)}`);
    const objects = {
      *[Symbol.iterator]() {
        yield named(1);
        throw failing;
      },
    };
    const { details, outcomes } = await reading(HOSTS.slice(0, 2), { objects: objects as never });
    expect(outcomes).toEqual([
      ['host-1', { kind: 'ok' }],
      ['host-2', { kind: 'failed', reason: 'target' }],
    ]);
    expect(details).toEqual([['host-2', failing.message.slice(0, 600)]]);
  });

  it('reads each path once, and where hosts are asked besides, whether their ssh is on', async () => {
    const service = [{ key: 'TSM-SSH', running: 'false' }];
    const off = { 'runtime.connectionState': 'connected', 'config.service': { service } };
    const { asked, sshStopped } = await reading(HOSTS, {
      collectors: ['ssh-services', 'host-services'],
      objects: [named(1, off), named(2)],
    });
    expect(asked.map(({ paths }) => paths)).toEqual([['name', 'runtime.connectionState', 'config.service']]);
    expect(sshStopped).toEqual(['host-1']);
  });
});
