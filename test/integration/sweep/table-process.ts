import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { createCredentialReader } from '../../../lib/credentials/credential-reader.ts';
import { readCredentialFile } from '../../../lib/credentials/read-credential-file.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { createState } from '../../../lib/state/state.ts';
import { COLLECT_BATCH } from '../../../lib/sweep/dispatch/hand-over.ts';
import { createLocalInvoke } from '../../../lib/sweep/dispatch/local-invoke.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { wireSweep } from '../../../lib/sweep/wire-sweep.ts';
import { wireWorker } from '../../../lib/sweep/wire-worker.ts';
import { collectBatch } from '../../../lib/sweep/worker/collect-batch.ts';
import { type TableFault, toFaultyTable } from '../../support/faulty-table.ts';
import { expectConserved, type SmallFleet } from './small-fleet.ts';

const o = { signal: new AbortController().signal };

/** One process over a fleet, whose table can fail. */
export async function openProcess(fleet: SmallFleet) {
  const { clock, folder } = fleet;
  const loaded = await loadConfig(join(folder, 'vsweep.yaml'));
  const embedded = await openEmbeddedState({ path: join(folder, 'state'), log: silentLog }, o);
  const table: TableFault = { answer: undefined };
  const state = createState({ table: toFaultyTable(embedded.table, table), clock });
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
    /** Of all hosts, or of that one alone, as a poll does. */
    async sweep({ host }: { readonly host?: string } = {}) {
      if (sweep === undefined) throw new RangeError('the configuration has no sweep');
      // Where the lease could not be given back it is over by then.
      clock.advance(sweep.everyMs);
      const summary = await runSweep({ sweep, host }, deps, o);
      expectConserved(summary);
      return summary;
    },
    [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose](),
  };
}
