import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
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
import { parseExposition } from '../../support/exposition.ts';
import { answer, type Gateway, startGateway } from '../sinks/gateway.ts';
import {
  expectConserved,
  outcomesOf,
  type SmallFleet,
  startSmallFleet,
  toVcenterHost,
} from './small-fleet.ts';

const o = { signal: new AbortController().signal };
const MINUTE = 60_000;

/** One process over a fleet, whose table can be taken away. */
async function openProcess(fleet: SmallFleet) {
  const { clock, folder } = fleet;
  const loaded = await loadConfig(join(folder, 'vsweep.yaml'));
  const embedded = await openEmbeddedState({ path: join(folder, 'state'), clock, log: silentLog }, o);
  const table = { away: false };
  const client = {
    send: (...args: Parameters<DynamoDBDocumentClient['send']>) =>
      table.away ? Promise.reject(new Error('the table is away')) : embedded.client.send(...args),
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

const attempts = (fleet: SmallFleet, number: number) => fleet.esxi.loginAttempts(fleet.addressOf(number));
const stateUp = ({ seen }: Gateway) =>
  parseExposition(seen.at(-1)?.text ?? '').find(({ name }) => name === 'vsweep_state_up')?.value;

describe('a process whose state table is away', () => {
  it('goes on with the hosts that it saw proven and pinned, pushes, and takes up the others again later', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({ hosts: [{}, {}, {}], pushUrl: gateway.url });
    fleet.vcenter.setHosts([1, 2].map((number) => toVcenterHost(number)));
    await using running = await openProcess(fleet);
    await running.sweep();
    expect(outcomesOf(await running.sweep())).toEqual(['esx1: ok ok', 'esx2: ok ok']);

    running.table.away = true;
    fleet.vcenter.setHosts([1, 2, 3].map((number) => toVcenterHost(number)));
    const pushes = gateway.seen.length;
    const away = await running.sweep();
    expect(outcomesOf(away)).toEqual(['esx1: ok ok', 'esx2: ok ok', 'esx3: ok skipped(state)']);
    expect(away).toMatchObject({ exitCode: 3, targets: [{ listing: 'fresh', push: 'pushed' }] });
    expect(attempts(fleet, 3)).toEqual({ accepted: 0, refused: 0 });
    expect(gateway.seen.slice(pushes).map(({ method }) => method)).toEqual(['PUT']);
    expect(stateUp(gateway)).toBe(0);

    running.table.away = false;
    const back = await running.sweep();
    expect(outcomesOf(back)).toEqual(['esx1: ok ok', 'esx2: ok ok', 'esx3: ok ok']);
    expect(stateUp(gateway)).toBe(1);
  });

  it('tries a host that refuses once, and writes the refusal down before it goes on with the table', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}, {}] });
    await using running = await openProcess(fleet);
    await running.sweep();
    await running.sweep();
    await fleet.esxi.setBehaviour(fleet.addressOf(1), 'refuses-login');

    running.table.away = true;
    const seen: string[] = [];
    for (let run = 0; run < 3; run++) {
      const outcomes = outcomesOf(await running.sweep());
      seen.push(`${outcomes[0]} ${attempts(fleet, 1).refused}`);
    }
    expect(seen).toEqual([
      'esx1: ok failed(auth) 1',
      'esx1: ok skipped(state) 1',
      'esx1: ok skipped(state) 1',
    ]);

    running.table.away = false;
    expect(outcomesOf(await running.sweep())).toEqual(['esx1: ok skipped(blacklist)', 'esx2: ok ok']);
    expect(await running.state.accounts.read('vsweep', fleet.addressOf(1), o)).toMatchObject({ refusals: 1 });
  });

  it('that has read nothing before logs in nowhere', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    {
      await using first = await openProcess(fleet);
      await first.sweep();
    }
    const before = { ...fleet.vcenter.stats };
    await using running = await openProcess(fleet);
    running.table.away = true;
    expect(await running.sweep()).toMatchObject({ exitCode: 1, targets: [{ status: 'dark' }] });
    expect(attempts(fleet, 1)).toEqual({ accepted: 1, refused: 0 });
    expect(fleet.vcenter.stats.logins).toBe(before.logins);
  });

  it('goes by the last list where vCenter is away too', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    await using running = await openProcess(fleet);
    await running.sweep();
    await running.sweep();
    running.table.away = true;
    fleet.vcenter.misbehave({ kind: 'down' });
    const summary = await running.sweep();
    expect(outcomesOf(summary)).toEqual(['esx1: failed(target) ok']);
    expect(summary.targets[0]).toMatchObject({ listing: 'last' });
  });
});
