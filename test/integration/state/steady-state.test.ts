import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import type { Table } from '../../../lib/state/port.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { createState } from '../../../lib/state/state.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEstate, createFastClock } from '../../support/fake-estate.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const o = { signal: new AbortController().signal };
const HOSTS = 2_500;
const BATCHES = HOSTS / 250;
const addresses = Array.from({ length: HOSTS }, (_, n) => `10.1.${n >> 8}.${n & 255}`);
const HOST_ADDRESS = /10\.1\.\d+\.\d+/;
const READS: readonly string[] = ['get', 'getAll', 'query'] satisfies (keyof Table)[];

/** A table with each call to it, and what was asked, from `sent.length = 0` on. */
function watch(table: Table) {
  const sent: { readonly call: string; readonly asked: string }[] = [];
  const watched = new Proxy(table, {
    get: (target, call: string) => {
      const work: unknown = Reflect.get(target, call);
      if (typeof work !== 'function') return work;
      return (...args: unknown[]): unknown => {
        const asked = JSON.stringify(args);
        // None of no keys asks the table.
        if (!asked.startsWith('[[],')) sent.push({ call, asked });
        return work.apply(target, args);
      };
    },
  });
  return { watched, sent };
}

describe('a run over 2,500 hosts that have all accepted the credential', () => {
  it('writes nothing for a host, reads consistently what forbids a login, and each host by itself only once', async () => {
    await using folder = await createTemporaryFolder('steady-state');
    await using embedded = await openEmbeddedState({ path: folder.path, log: silentLog }, o);
    const { watched, sent } = watch(embedded.table);
    // Time passes slowly, so that a busy machine does not end the run.
    const clock = createFastClock(0.05);
    const state = createState({ table: watched, clock });
    const well = 'well' as const;
    const hosts = addresses.map((address) => ({ address, ssh: well }));
    const vcenter = { hosts, login: well, listing: well, ticket: well, clone: well, retrieval: well };
    const estate = createEstate({
      targets: [{ ...vcenter, close: well }],
      state,
      clock,
      batch: () => 'well',
    });
    const { config, credentials } = estate.sweep;
    const { id, username, version } = await credentials.read({ env: 'X' }, o);
    const target = config.targets[0]?.name ?? '';
    await embedded.table.writeAll(
      addresses.flatMap((address) => {
        const key = { type: 'ssh-rsa', blob: btoa(address), pinnedAt: 0, target };
        return [
          { put: { pk: `proven#${username}`, sk: address, version } },
          { put: { pk: 'hostkeys', sk: `${address}:22`, ...key } },
        ];
      }),
      o,
    );
    const unknown = await state.credentialStates.read(id, o);
    await state.credentialStates.replace({ id, provenVersion: version }, unknown, o);
    const [sweep] = config.sweeps;
    if (sweep === undefined) throw new RangeError('the estate has no sweep');

    // What stands in items of their own is read once, and kept packed.
    const gathering = await runSweep({ sweep }, estate.sweep, o);
    expect(gathering.targets[0]?.paths.ssh).toMatchObject({ hosts: HOSTS, ok: HOSTS });
    sent.length = 0;
    const summary = await runSweep({ sweep }, estate.sweep, o);

    expect(summary.targets[0]?.paths.ssh).toMatchObject({ hosts: HOSTS, ok: HOSTS });
    const reads = sent.filter(({ call }) => READS.includes(call));
    const writes = sent.filter(({ call }) => !READS.includes(call));
    expect(writes.filter(({ asked }) => HOST_ADDRESS.test(asked))).toEqual([]);
    expect(sent.filter(({ call }) => call === 'getAll')).toEqual([]);
    const eventual = reads.filter(({ asked }) => asked.includes('"eventual":true'));
    // Chunks of a list or of a roll, which never change.
    expect(eventual.filter(({ asked }) => !asked.includes(`"target#${target}"`))).toEqual([]);
    const queriesOf = (pk: string) => reads.filter(({ asked }) => asked.includes(`"pk":"${pk}"`));
    expect(queriesOf(`account#${username}`)).toHaveLength(1);
    expect(queriesOf('hostkeys')).toEqual([]);
    const flights = writes.filter(({ call, asked }) => call === 'replace' && asked.includes('"sk":"flight#'));
    expect(flights).toHaveLength(BATCHES);
    expect(sent.length - flights.length).toBeLessThan(30);
    expect(await state.flights.readAll(sweep.name, target, o)).toEqual([]);
  });
});
