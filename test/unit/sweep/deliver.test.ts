import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import { type DeliverDeps, deleteLeftoverGroups, deliver } from '../../../lib/sweep/result/deliver.ts';

const running = { signal: new AbortController().signal };
const GROUP = { job: 'vsweep_services', instance: 'vc01' };
const delivery = (changes: { holdsLease?: () => Promise<boolean> } = {}) => ({
  group: GROUP,
  families: [],
  validUntil: 0,
  holdsLease: async () => true,
  ...changes,
});

function createSinks(changes: Partial<DeliverDeps> = {}) {
  const done: string[] = [];
  const deps: DeliverDeps = {
    log: silentLog,
    groups: {
      readAll: async () => [],
      record: async (_job, instance) => void done.push(`record ${instance}`),
      remove: async (_job, instance) => void done.push(`remove ${instance}`),
    },
    pushgateway: {
      put: async ({ instance }) => void done.push(`put ${instance}`),
      delete: async ({ instance }) => void done.push(`delete ${instance}`),
    },
    exporter: { publish: (key) => void done.push(`publish ${key}`) },
    ...changes,
  };
  return { deps, done };
}
const fail = () => {
  throw new Error('it broke');
};

describe('deliver', () => {
  it('publishes, records the group and pushes, in this order', async () => {
    const { deps, done } = createSinks();
    expect(await deliver(delivery(), deps, running)).toEqual({
      push: 'pushed',
      published: true,
      problems: [],
    });
    expect(done).toEqual(['publish vsweep_services/vc01', 'record vc01', 'put vc01']);
  });

  it('pushes though the result cannot be served, and says both', async () => {
    const { deps, done } = createSinks({ exporter: { publish: fail } });
    expect(await deliver(delivery(), deps, running)).toEqual({
      push: 'pushed',
      published: false,
      problems: ['the result is not served: it broke'],
    });
    expect(done).toEqual(['record vc01', 'put vc01']);
  });

  it('does not push when another run took the lease', async () => {
    const { deps, done } = createSinks();
    const told = await deliver(delivery({ holdsLease: async () => false }), deps, running);
    expect(told).toMatchObject({ push: 'lease-lost', published: true });
    expect(done).not.toContain('put vc01');
  });
});

describe('deleteLeftoverGroups', () => {
  const recorded = ['vc01', 'gone-1', 'gone-2', 'gone-3'].map((instance) => ({ ...GROUP, instance }));

  it('deletes what the configuration no longer names, whichever of it fails', async () => {
    const { deps, done } = createSinks();
    const deleteOne = async ({ instance }: { instance: string }) => {
      if (instance === 'gone-1') fail();
      done.push(`delete ${instance}`);
    };
    const put = async () => undefined;
    await deleteLeftoverGroups(
      [GROUP],
      {
        ...deps,
        groups: { ...deps.groups, readAll: async () => recorded },
        pushgateway: { put, delete: deleteOne },
      },
      running,
    );
    expect(done).toEqual(['delete gone-2', 'remove gone-2', 'delete gone-3', 'remove gone-3']);
  });

  it('begins with no group when time is up, and does not mind groups that cannot be read', async () => {
    const { deps, done } = createSinks();
    const groups = { ...deps.groups, readAll: async () => recorded };
    await deleteLeftoverGroups([GROUP], { ...deps, groups }, { signal: AbortSignal.abort() });
    await deleteLeftoverGroups(
      [GROUP],
      { ...deps, groups: { ...groups, readAll: async () => fail() } },
      running,
    );
    expect(done).toEqual([]);
  });
});
