import { describe, expect, it } from 'vitest';
import type { VsanNeed } from '../../../lib/catalogue/sources/vsan.ts';
import { vsan } from '../../../lib/readers/vsan.ts';
import { VsphereFaultError, VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { allOf, answering } from './answering.ts';

const CONFIG = 'VsanClusterGetConfig';
const ANSWERS: Readonly<Record<string, string>> = {
  [CONFIG]: '<enabled>true</enabled>',
  VsanQueryVcClusterHealthSummary: '<overallHealth>green</overallHealth>',
  VsanQuerySpaceUsage: '<totalCapacityB>10</totalCapacityB><freeCapacityB>4</freeCapacityB>',
  QuerySyncingVsanObjectsSummary: '<totalBytesToSync>7</totalBytesToSync>',
};
const HAS = {
  health: { overall: 'green', groups: [] },
  space: { total: 10, free: 4 },
  resync: { bytes: 7, objects: undefined },
};
const ALL: readonly VsanNeed[] = ['health', 'space', 'resync'];
const NOTHING = { answers: {}, denied: {}, lacking: {}, failed: {}, absent: new Set() };
type Answer = (operation: string, cluster: string) => string | undefined;

async function read(
  answer: Answer = () => undefined,
  {
    clusters = 1,
    needs = ALL,
    callMs = 0,
  }: { clusters?: number; needs?: readonly VsanNeed[]; callMs?: number } = {},
) {
  const clock = createManualClock();
  const calls: string[] = [];
  const connection = answering(({ operation, body }) => {
    const cluster = /<cluster [^>]*>([^<]*)</.exec(body)?.[1] ?? '';
    calls.push(`${operation} ${cluster}`);
    if (operation === CONFIG) clock.advance(callMs);
    return `<returnval>${answer(operation, cluster) ?? ANSWERS[operation]}</returnval>`;
  });
  const items = Array.from({ length: clusters }, (_, index) => ({
    type: 'ClusterComputeResource',
    moref: `c-${index}`,
    properties: new Map(),
  }));
  const options = { session: { connection } as never, clock, signal: new AbortController().signal };
  const found = await allOf(vsan.read(needs, items, options));
  return { found, calls };
}

const failing =
  (error: unknown, which = CONFIG): Answer =>
  (operation) => {
    if (operation === which) throw error;
    return undefined;
  };
const fault = (name: string) => new VsphereFaultError('x', { fault: name, text: '' });
const status = (code: number) => new VsphereReplyError(`HTTP ${code}`, { code: 'status', status: code });
const ofEach = (why: string) => Object.fromEntries(ALL.map((need) => [need, why]));

describe('the reader of vSAN', () => {
  it('has the answer to each need of each cluster, and asks for no other', async () => {
    const { found, calls } = await read(undefined, { clusters: 2 });
    expect(found).toEqual(['c-0', 'c-1'].map((moref) => [moref, { ...NOTHING, answers: HAS }]));
    expect(calls).toHaveLength(8);
    const one = await read(undefined, { needs: ['space'] });
    expect(one.found).toEqual([['c-0', { ...NOTHING, answers: { space: HAS.space } }]]);
    expect(one.calls).toEqual([`${CONFIG} c-0`, 'VsanQuerySpaceUsage c-0']);
    expect((await read(undefined, { needs: [] })).calls).toEqual([]);
  });

  it.each(['<enabled>false</enabled>', ''])('has nothing of a cluster without vSAN (%j)', async (config) => {
    const { found, calls } = await read((operation) => (operation === CONFIG ? config : undefined));
    expect(found).toEqual([['c-0', { ...NOTHING, absent: new Set(ALL) }]]);
    expect(calls).toEqual([`${CONFIG} c-0`]);
  });

  it.each([
    [
      'a fault',
      fault('SystemError'),
      { failed: ofEach('health of vSAN could not be read: x returned the fault SystemError') },
    ],
    ['that the account lacks a privilege', fault('NoPermission'), { lacking: ofEach('System.View') }],
    [
      '404',
      status(404),
      { denied: ofEach('this vCenter has no vSAN service (/vsanHealth); leave out the collector vsan') },
    ],
    ['503', status(503), { failed: ofEach('health of vSAN could not be read: HTTP 503') }],
  ])('asks a cluster once whose first answer is %s, and says so of each need', async (_, error, said) => {
    const { found, calls } = await read(failing(error));
    expect(found).toEqual([['c-0', { ...NOTHING, ...said }]]);
    expect(calls).toEqual([`${CONFIG} c-0`]);
  });

  it('loses the one need whose call fails', async () => {
    const { found } = await read(failing(fault('SystemError'), 'VsanQuerySpaceUsage'));
    const why = 'space of vSAN could not be read: x returned the fault SystemError';
    expect(found).toEqual([
      ['c-0', { ...NOTHING, answers: { health: HAS.health, resync: HAS.resync }, failed: { space: why } }],
    ]);
  });

  it('ends with the session', async () => {
    await expect(read(failing(fault('NotAuthenticated')))).rejects.toMatchObject({
      fault: 'NotAuthenticated',
    });
  });

  it.each([
    [5_000, 8],
    [5_001, 4],
  ])('asks four clusters at a time, and none after 20 s (%d ms each: %d)', async (callMs, asked) => {
    const { found, calls } = await read(undefined, { clusters: 9, callMs });
    expect(calls.slice(0, 4)).toEqual(['c-0', 'c-1', 'c-2', 'c-3'].map((moref) => `${CONFIG} ${moref}`));
    expect(calls.filter((call) => call.startsWith(CONFIG))).toHaveLength(asked);
    const why = 'vSAN was not asked: the other clusters took more than 20 s';
    expect(found.map(([moref]) => moref)).toEqual(Array.from({ length: 9 }, (_, index) => `c-${index}`));
    expect(found.at(-1)).toEqual(['c-8', { ...NOTHING, failed: ofEach(why) }]);
    expect(found.filter(([, { failed }]) => failed.space === why)).toHaveLength(9 - asked);
  });
});
