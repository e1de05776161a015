import { describe, expect, it } from 'vitest';
import { retrieveByView } from '../../../lib/vsphere/property/retrieve-by-view.ts';
import { demoHosts, loginTo, startTarget, testSignal } from './demo-target.ts';

const signal = testSignal();

describe('retrieveByView', () => {
  it('delivers the objects of the types that were asked for, each with its own paths', async () => {
    await using vcenter = await startTarget({ hosts: demoHosts(2) });
    await using session = await loginTo(vcenter);
    const seen: unknown[] = [];
    const specs = [
      { type: 'HostSystem', paths: ['name'] },
      { type: 'Datacenter', paths: ['name', 'parent'] },
    ];
    for await (const { moref, properties } of retrieveByView(session, specs, { signal })) {
      seen.push([moref.type, [...properties.keys()]]);
    }
    expect(seen).toEqual([
      ['Datacenter', ['name', 'parent']],
      ['HostSystem', ['name']],
      ['HostSystem', ['name']],
    ]);
  });

  it('frees the pages that are left and the view when it is left early', async () => {
    await using vcenter = await startTarget({ hosts: demoHosts(5), pageSize: 2 });
    await using session = await loginTo(vcenter);
    for await (const _ of retrieveByView(session, [{ type: 'HostSystem', paths: ['name'] }], { signal }))
      break;
    expect(vcenter.stats.calls).toMatchObject({ CancelRetrievePropertiesEx: 1, DestroyView: 1 });
    expect(vcenter.stats.calls.ContinueRetrievePropertiesEx).toBeUndefined();
  });

  it('destroys the view when it is aborted: the session may live on', async () => {
    await using vcenter = await startTarget({ hosts: demoHosts(5), pageSize: 2 });
    await using session = await loginTo(vcenter);
    const work = new AbortController();
    const read = async () => {
      const specs = [{ type: 'HostSystem', paths: ['name'] }];
      for await (const _ of retrieveByView(session, specs, { signal: work.signal })) {
        work.abort(new Error('enough'));
      }
    };
    await expect(read()).rejects.toThrow('enough');
    expect(vcenter.stats.calls).toMatchObject({ CancelRetrievePropertiesEx: 1, DestroyView: 1 });
  });
});
