import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { properties } from '../../../lib/readers/properties.ts';
import type { ReaderSession, ReadSession } from '../../../lib/readers/reader.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { retrieveObjects } from '../../../lib/vsphere/property/retrieval.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { retrieved } from '../../unit/collectors/subjects.ts';
import { demoHosts, loginTo, startTarget, testSignal } from '../vsphere/demo-target.ts';

const signal = testSignal();
const HOSTS = 3;
const ITEMS = Array.from({ length: HOSTS }, (_, index) => ({
  type: 'HostSystem',
  moref: `host-${index + 1}`,
  properties: new Map(),
}));

async function readWith(retrieve: ReadSession['retrieve'], paths: readonly string[]) {
  const found: RetrievedObject[] = [];
  const session = { retrieve } as ReaderSession;
  for await (const [, object] of properties.read(paths, ITEMS, { session, clock: systemClock, signal }))
    found.push(object);
  return found;
}

/** From the simulated vCenter, which refuses a call for one path that it does not know, as vCenter does. */
async function readFromDemo(paths: readonly string[]) {
  await using vcenter = await startTarget({ hosts: demoHosts(HOSTS) });
  await using session = await loginTo(vcenter);
  const found = await readWith((query, options) => retrieveObjects(session, query, options), paths);
  return { found, calls: vcenter.stats.calls['RetrievePropertiesEx'] };
}

const refusal = (name: string) =>
  new VsphereFaultError('vc01', { fault: 'InvalidProperty', text: '', fields: new Map([['name', name]]) });

describe('the reader of properties', () => {
  it('reads what an older vCenter knows, and says of each object what it does not', async () => {
    const paths = ['name', 'tomorrow.state', 'runtime.powerState', 'config.tomorrow'];
    const { found, calls } = await readFromDemo(paths);
    expect(found).toHaveLength(HOSTS);
    for (const { properties: read, missing } of found) {
      expect([...read.keys()].toSorted()).toEqual(['name', 'runtime.powerState']);
      expect(Object.fromEntries(missing)).toEqual({
        'tomorrow.state': 'InvalidProperty',
        'config.tomorrow': 'InvalidProperty',
      });
    }
    expect(calls).toBe(3);
  });

  it('makes one call where all is known', async () => {
    expect((await readFromDemo(['name', 'runtime.powerState'])).calls).toBe(1);
  });

  it('takes a refusal of the first step for one of all paths below it', async () => {
    const asked: (readonly string[])[] = [];
    const found = await readWith(
      async function* ({ paths }) {
        asked.push(paths);
        if (paths.length > 1) throw refusal('later');
        yield retrieved({ name: 'esx01' });
      },
      ['name', 'later.a', 'later["x"].b'],
    );
    expect(asked).toEqual([['name', 'later.a', 'later["x"].b'], ['name']]);
    expect(found.map(({ missing }) => missing.size)).toEqual([2]);
  });

  it.each([
    ['the name, without which there is no object', 'name'],
    ['what was not asked for', 'other'],
    ['nothing', ''],
  ])('fails once on a refusal of %s', async (_, named) => {
    let calls = 0;
    const reading = readWith(
      // biome-ignore lint/correctness/useYield: it never comes to that
      async function* () {
        calls += 1;
        throw refusal(named);
      },
      ['name', 'runtime.powerState'],
    );
    await expect(reading).rejects.toThrow('InvalidProperty');
    expect(calls).toBe(1);
  });

  it('ends on a server that refuses one path after the other, and when it refuses what it has answered', async () => {
    let calls = 0;
    const each = readWith(
      // biome-ignore lint/correctness/useYield: it never comes to that
      async function* ({ paths }) {
        calls += 1;
        throw refusal(paths.at(-1) ?? '');
      },
      ['name', 'a', 'b', 'c'],
    );
    await expect(each).rejects.toThrow('InvalidProperty');
    expect(calls).toBe(4);
    const late = readWith(
      async function* () {
        yield retrieved({ name: 'esx01' });
        throw refusal('a');
      },
      ['name', 'a'],
    );
    await expect(late).rejects.toThrow('InvalidProperty');
  });
});
