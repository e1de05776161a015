import { createHash, randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import { createSeals } from '../../../lib/platform/seal.ts';
import { createDynamoTable } from '../../../lib/state/dynamo/table.ts';
import { createState } from '../../../lib/state/state.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { type Addressee, sealedInvoke } from '../../../lib/sweep/sealed-request.ts';
import { answerSealed } from '../../../lib/sweep/worker/answer-sealed.ts';
import type { CollectBatchDeps } from '../../../lib/sweep/worker/collect-batch.ts';
import { type Consumed, meterCapacity } from '../../support/capacity-meter.ts';
import { createEstate, createFastClock } from '../../support/fake-estate.ts';
import { INTEGRITY_SECRET, TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { startTable } from '../../support/lambda/dynamodb.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const seals = async () => createSeals(INTEGRITY_SECRET);

/** A fleet that accepts its credential, swept as on AWS: workers behind seals, and a table that is metered. */
export interface MeteredEstate extends AsyncDisposable {
  readonly names: readonly string[];
  /** One run over all targets, or over one of them, and what it consumed. `fresh`: in a process that knows nothing yet. */
  sweep(options?: {
    target?: string | undefined;
    fresh?: boolean;
  }): Promise<{ readonly consumed: readonly Consumed[]; readonly summary: RunSummary }>;
  /** Another address of one host from the next run on. */
  move(target: number, host: number, address: string): void;
}

/** As long as one of ECDSA, ESXi's own, and like it another one on each host. */
const keyOf = (address: string) => {
  const start = Buffer.from('AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA==', 'base64');
  const point = createHash('sha512').update(address).digest();
  return { type: 'ecdsa-sha2-nistp256', blob: Buffer.concat([start, point]).toString('base64') };
};

/** `off`: how many hosts of each target have no power. `known`: all hosts have accepted the account and pinned keys. */
export async function startMeteredEstate(shape: {
  targets: number;
  hosts: number;
  off?: number;
  known?: boolean;
}): Promise<MeteredEstate> {
  const table = await startTable();
  const addressee: Addressee = { stack: 'vsweep', table: table.tableName, worker: 'worker' };
  const run = randomUUID().slice(0, 8);
  const well = 'well' as const;
  const calm = { login: well, listing: well, ticket: well, clone: well, retrieval: well, close: well };
  const hosts = Array.from({ length: shape.targets }, (_, target) =>
    Array.from({ length: shape.hosts }, (_, host) => `10.${target}.${host >> 8}.${host & 255}`),
  );
  const raw = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: table.url, ...TEST_ACCOUNT }));
  const { consumed } = meterCapacity(raw);
  // Time passes slowly, so that a busy machine does not end the run.
  const clock = createFastClock(0.05);

  const stateTable = createDynamoTable({ client: raw, tableName: table.tableName, clock });
  const open = () => {
    const state = createState({ table: stateTable, clock, seals });
    const answer = (payload: Uint8Array, worker: CollectBatchDeps, options: { signal: AbortSignal }) => {
      const runCommand: CollectBatchDeps['runCommand'] = async (request, deps, runOptions) => {
        const verdict = await deps.verifyHostKey(keyOf(request.target.host), runOptions);
        expect(verdict).toBe(true);
        return await worker.runCommand(request, deps, runOptions);
      };
      const presentKeys = () => Promise.reject(new Error('nobody asks'));
      const trusted = { ...worker, runCommand, presentKeys, trust: { seals, addressee, state } };
      return answerSealed(payload, trusted, options);
    };
    const targets = hosts.map((addresses) => ({
      ...calm,
      hosts: addresses.map((address, at) => ({ address, ssh: well, off: at < (shape.off ?? 0) })),
    }));
    const estate = createEstate({ targets, state, clock, batch: () => 'well', run, answer });
    return { ...estate.sweep, state, invoke: sealedInvoke(estate.sweep.invoke, { seals, addressee }) };
  };
  let deps = open();
  const names = deps.config.targets.map(({ name }) => name);
  /** What a first run of hosts leaves, without its thousands of requests: it is made in memory. */
  const makeKnown = async () => {
    const memory = createMemoryTable();
    const { hostKeys, credentialStates } = createState({ table: memory, clock, seals });
    const { id, username, version } = await deps.credentials.read({ env: 'X' }, o);
    for (const [at, addresses] of hosts.entries())
      for (const address of addresses)
        await hostKeys.pin(`${address}:22`, { key: keyOf(address), target: names[at] ?? '' }, o);
    const unknown = await credentialStates.read(id, o);
    await credentialStates.replace({ id, provenVersion: version }, unknown, o);
    const proven = hosts.flat().map((address) => ({ pk: `proven#${username}`, sk: address, version }));
    const left = await Promise.all(
      ['hostkeys', 'stamps', `credential#${id}`].map((pk) => memory.query({ pk }, o)),
    );
    await stateTable.writeAll(
      [...proven, ...left.flat()].map((put) => ({ put })),
      o,
    );
  };
  if (shape.known === true) await makeKnown();
  return {
    names,
    move(target, host, address) {
      const addresses = hosts[target];
      if (addresses !== undefined) addresses[host] = address;
      deps = open();
    },
    async sweep({ target, fresh = false } = {}) {
      if (fresh) deps = open();
      consumed.length = 0;
      const [sweep] = deps.config.sweeps;
      if (sweep === undefined) throw new RangeError('the estate has no sweep');
      const summary = await runSweep({ sweep, target }, deps, o);
      for (const one of summary.targets) {
        expect(one.problems).toEqual([]);
        expect(one.paths.ssh).toMatchObject({ failed: 0 });
      }
      return { consumed: [...consumed], summary };
    },
    async [Symbol.asyncDispose]() {
      raw.destroy();
      await table[Symbol.asyncDispose]();
    },
  };
}
