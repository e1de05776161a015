import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { createCredentialReader } from '../../../lib/credentials/credential-reader.ts';
import { readCredentialFile } from '../../../lib/credentials/read-credential-file.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { openEmbeddedState } from '../../../lib/state/embedded.ts';
import { createState } from '../../../lib/state/state.ts';
import { createLocalInvoke } from '../../../lib/sweep/local-invoke.ts';
import { runSweep } from '../../../lib/sweep/run-sweep.ts';
import { COLLECT_BATCH } from '../../../lib/sweep/target/dispatch.ts';
import { wireSweep } from '../../../lib/sweep/wire-sweep.ts';
import { wireWorker } from '../../../lib/sweep/wire-worker.ts';
import { collectBatch } from '../../../lib/sweep/worker/collect-batch.ts';
import { expectConserved, type SmallFleet } from './small-fleet.ts';

const o = { signal: new AbortController().signal };
const MINUTE = 60_000;

/** What the table does with a call; it fails when this rejects. */
export interface TableFault {
  answer:
    | ((forward: () => Promise<unknown>, options: { signal: AbortSignal }) => Promise<unknown>)
    | undefined;
}

/** One process over a fleet, whose table can fail. */
export async function openProcess(fleet: SmallFleet) {
  const { clock, folder } = fleet;
  const loaded = await loadConfig(join(folder, 'vsweep.yaml'));
  const embedded = await openEmbeddedState({ path: join(folder, 'state'), clock, log: silentLog }, o);
  const table: TableFault = { answer: undefined };
  const client = {
    send: (...args: Parameters<DynamoDBDocumentClient['send']>) => {
      const forward = (): Promise<unknown> => embedded.client.send(...args) as unknown as Promise<unknown>;
      const { abortSignal } = (args[1] ?? {}) as { abortSignal?: AbortSignal };
      return table.answer?.(forward, { signal: abortSignal ?? o.signal }) ?? forward();
    },
  } as unknown as DynamoDBDocumentClient;
  const state = createState({ client, tableName: embedded.tableName, clock });
  const surroundings = {
    loaded,
    state,
    credentials: createCredentialReader({
      env: {},
      readFile: readCredentialFile,
      secretsManager: () => Promise.reject(new Error('nobody asked for this')),
      versionKey: async () => Buffer.alloc(32, 1),
    }),
    clock,
    log: silentLog,
    randomId: () => randomUUID().replaceAll('-', ''),
    random: () => 0.5,
    userAgent: 'vsweep/test',
  };
  const worker = wireWorker(surroundings);
  const invoke = createLocalInvoke({
    [COLLECT_BATCH]: (payload, options) => collectBatch(payload, worker, options),
  });
  const deps = wireSweep(surroundings, { invoke, maxBatches: 4, push: true });
  const [sweep] = loaded.config.sweeps;
  return {
    table,
    state,
    async sweep() {
      if (sweep === undefined) throw new RangeError('the configuration has no sweep');
      clock.advance(MINUTE);
      const summary = await runSweep({ sweep }, deps, o);
      expectConserved(summary);
      return summary;
    },
    [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose](),
  };
}
