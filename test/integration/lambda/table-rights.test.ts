import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { createCredentialReader } from '../../../lib/credentials/credential-reader.ts';
import { readCredentialFile } from '../../../lib/credentials/read-credential-file.ts';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createSeals } from '../../../lib/platform/seal.ts';
import { wirePoll } from '../../../lib/poll/wire-poll.ts';
import { COLLECT_BATCH } from '../../../lib/sweep/dispatch/hand-over.ts';
import { createLocalInvoke } from '../../../lib/sweep/dispatch/local-invoke.ts';
import { createOwnBatches } from '../../../lib/sweep/dispatch/own-batches.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { wirePresentKeys } from '../../../lib/sweep/scan/wire-present-keys.ts';
import { sealedInvoke } from '../../../lib/sweep/sealed-request.ts';
import { wireSweep } from '../../../lib/sweep/wire-sweep.ts';
import { wireWorker } from '../../../lib/sweep/wire-worker.ts';
import { answerSealed } from '../../../lib/sweep/worker/answer-sealed.ts';
import { collectBatch } from '../../../lib/sweep/worker/collect-batch.ts';
import { answerPoll } from '../../support/answer-poll.ts';
import { INTEGRITY_SECRET, TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { startDynamodb } from '../../support/lambda/dynamodb.ts';
import { ADDRESSEE } from '../../support/lambda/sealed.ts';
import { startFakeNetbox } from '../../support/netbox/netbox.ts';
import { answer, startGateway } from '../sinks/gateway.ts';
import { startReceiver, took } from '../sinks/receiver.ts';
import { type SmallFleet, startSmallFleet } from '../sweep/small-fleet.ts';
import { createGrantedState, type GrantedState, grantedTo } from './granted-state.ts';

const running = { signal: new AbortController().signal };
/** And past the week in which a sweep that is configured no more is remembered. */
const PAST_EVERY_PAUSE_MS = 8 * 24 * 3_600_000;
const POLL = { method: 'about', hostname: 'vc1' };

type States = Readonly<Record<'sweep' | 'worker' | 'poll', GrantedState>>;

/** Sweep, worker and poll in one process, each with its own rights on one table. */
async function wire(fleet: SmallFleet, states: States) {
  const loaded = await loadConfig(join(fleet.folder, 'vsweep.yaml'));
  const surroundings = {
    loaded,
    credentials: createCredentialReader({
      env: {},
      readFile: readCredentialFile,
      secretsManager: () => Promise.reject(new Error('no secrets here')),
      versionKey: async () => new Uint8Array(32),
    }),
    clock: fleet.clock,
    log: silentLog,
    randomId: () => crypto.randomUUID().replaceAll('-', ''),
    random: Math.random,
    userAgent: 'vsweep/test',
  };
  const logins = createLoginQueue();
  const { state } = states.worker;
  const seals = async () => createSeals(INTEGRITY_SECRET);
  const presentKeys = wirePresentKeys(surroundings);
  const worker = {
    ...wireWorker({ ...surroundings, state }),
    presentKeys,
    trust: { seals, addressee: ADDRESSEE, state },
  };
  const localInvoke = createLocalInvoke({
    [COLLECT_BATCH]: (payload, options) => answerSealed(payload, worker, options),
  });
  const invoke = sealedInvoke(localInvoke, { seals, addressee: ADDRESSEE });
  const sweepDeps = wireSweep(
    { ...surroundings, state: states.sweep.state },
    { invoke, maxBatches: 4, push: true },
  );
  const here = wireWorker({ ...surroundings, state: states.sweep.state });
  const ownBatches = createOwnBatches((payload, options) => collectBatch(payload, here, options), {
    atOnce: 4,
    belowHosts: 1_000,
  });
  const pollDeps = wirePoll(surroundings, { logins, accounts: states.poll.state.accounts });
  return {
    /** By workers, or by the sweep function itself. */
    async sweep({ job = 'first', by = 'workers' }: { job?: string; by?: 'workers' | 'itself' } = {}) {
      const [configured] = loaded.config.sweeps;
      if (configured === undefined) throw new RangeError('the configuration has no sweep');
      const sweep = { ...configured, job };
      const config = { ...loaded.config, sweeps: [sweep] };
      const own = by === 'itself' ? { ownBatches } : {};
      return runSweep({ sweep }, { ...sweepDeps, ...own, config }, running);
    },
    poll: () => answerPoll(POLL, pollDeps, running),
  };
}

it('grants each function what it does with the state table, and no more', async () => {
  await using gateway = await startGateway([answer(200)]);
  await using receiver = await startReceiver([took]);
  await using dynamodb = await startDynamodb();
  await using netbox = await startFakeNetbox({ devices: [{ name: 'esx1' }, { name: 'esx2' }] });
  await using fleet = await startSmallFleet({
    more: `netbox: { url: "${netbox.url}", cacheMinutes: 1 }\nremoteWrite: { url: "${receiver.url}" }\n`,
    hosts: [{}, { behaviour: 'refuses-login' }],
    pushUrl: gateway.url,
  });
  const options = {
    aws: { endpoint: dynamodb.url, ...TEST_ACCOUNT },
    tableName: dynamodb.tableName,
    clock: fleet.clock,
  };
  using sweep = createGrantedState('sweep', options);
  using worker = createGrantedState('collect-batch', options);
  using poll = createGrantedState('poll', options);
  const vsweep = await wire(fleet, { sweep, worker, poll });

  // Of a sweep that has another name since.
  const flight = { id: 'f', batch: 0, user: 'root', version: 'v', addresses: [], unproven: [] };
  await sweep.state.flights.begin('renamed', 'vc1', flight, running);
  await sweep.state.flights.end('renamed', 'vc1', ['f'], running);

  expect(await vsweep.poll()).toMatchObject({ success: 0 });
  expect((await vsweep.sweep()).targets[0]?.paths.ssh).toMatchObject({ ok: 1, failed: 1 });
  // The first group is left over, and is deleted.
  await vsweep.sweep({ job: 'second' });
  // As if no host was ever met.
  await dynamodb.state.hostKeys.forget({ target: 'vc1' }, running);
  fleet.clock.advance(PAST_EVERY_PAUSE_MS);
  expect((await vsweep.sweep({ by: 'itself' })).targets[0]?.hostKeysPinned).toBeGreaterThan(0);
  for (const { state } of [sweep, worker]) {
    await state.hostKeys.pin(
      `${fleet.addressOf(1)}:${fleet.esxi.port}`,
      { key: { type: 'ecdsa-sha2-nistp256', blob: 'b3RoZXI=' }, target: 'vc1' },
      running,
    );
  }
  // As it compares a batch while somebody replaces or forgets a key.
  await worker.state.hostKeys.readSome([`${fleet.addressOf(1)}:${fleet.esxi.port}`], running);
  await writeFile(join(fleet.folder, 'vcenter.yaml'), 'username: sweeper\npassword: wrong\n', {
    mode: 0o600,
  });
  for (const refused of [() => vsweep.sweep(), vsweep.poll]) {
    fleet.clock.advance(PAST_EVERY_PAUSE_MS);
    await refused();
  }

  for (const [name, { used, denied }] of Object.entries({ sweep, 'collect-batch': worker, poll } as const)) {
    expect({ name, denied: [...denied] }).toEqual({ name, denied: [] });
    expect({ name, used: [...used].sort() }).toEqual({
      name,
      used: grantedTo(name as Parameters<typeof grantedTo>[0]).sort(),
    });
  }
});
