import { describe, expect, it } from 'vitest';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { retrieveByTraversal, retrieveObjects } from '../../../lib/vsphere/property/retrieval.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { methodCall, textElement } from '../../../lib/vsphere/soap/soap-request.ts';
import {
  demoHost,
  demoHosts,
  eventually,
  loginTo,
  rejectionOf,
  startTarget,
  testSignal,
} from './demo-target.ts';

const signal = testSignal();
const PATHS = ['name', 'overallStatus', 'config.service.service'];

function retrieve(session: VsphereSession, morefs: readonly string[], paths = PATHS, options = { signal }) {
  return retrieveObjects(session, { type: 'HostSystem', morefs, paths }, options);
}

function retrieveAll(session: VsphereSession, morefs: readonly string[], paths = PATHS) {
  return collect(retrieve(session, morefs, paths));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const morefsOf = (objects: readonly RetrievedObject[]) => objects.map(({ moref }) => moref.value);

/** Counts the calls of one operation from now on. */
function callsFromNow(vcenter: DemoVcenter, operation: string): () => number {
  const before = vcenter.stats.calls[operation] ?? 0;
  return () => (vcenter.stats.calls[operation] ?? 0) - before;
}

describe('retrieveObjects', () => {
  it('follows the pages to their end', async () => {
    const hosts = demoHosts(250);
    await using vcenter = await startTarget({ hosts, pageSize: 100 });
    await using session = await loginTo(vcenter);
    const morefs = hosts.map(({ moref }) => moref);
    const objects = await retrieveAll(session, morefs);
    expect(morefsOf(objects)).toEqual(morefs);
    expect(vcenter.stats.calls).toMatchObject({ RetrievePropertiesEx: 1, ContinueRetrievePropertiesEx: 2 });
    expect(vcenter.stats.calls.CancelRetrievePropertiesEx).toBeUndefined();
  });

  it('gives values by their type, and gray as it is', async () => {
    await using vcenter = await startTarget({ hosts: [demoHost(1, { overallStatus: 'gray' })] });
    await using session = await loginTo(vcenter);
    const [object] = await retrieveAll(session, ['host-1']);
    const service = (key: string, running: boolean) => expect.objectContaining({ key, running });
    expect(object?.properties).toEqual(
      new Map<string, unknown>([
        ['name', 'esx1.example.org'],
        ['overallStatus', 'gray'],
        ['config.service.service', [service('TSM-SSH', true), service('ntpd', false)]],
      ]),
    );
  });

  it('keeps unreadable and unset properties apart', async () => {
    const hosts = [demoHost(1, { unreadable: ['config'] }), demoHost(2, { configUnset: true })];
    await using vcenter = await startTarget({ hosts });
    await using session = await loginTo(vcenter);
    const [denied, unset] = await retrieveAll(session, ['host-1', 'host-2']);
    expect(denied?.missing).toEqual(new Map([['config.service.service', 'NoPermission']]));
    expect(denied?.properties.has('config.service.service')).toBe(false);
    expect(unset?.missing.size).toBe(0);
    expect([...(unset?.properties.keys() ?? [])]).toEqual(['name', 'overallStatus']);
  });

  it('delivers all objects but those that no longer exist', async () => {
    const hosts = demoHosts(40);
    await using vcenter = await startTarget({ hosts, pageSize: 7 });
    await using session = await loginTo(vcenter);
    const there = hosts.map(({ moref }) => moref);
    const asked = ['gone-1', ...there.slice(0, 13), 'gone-2', 'gone-3', ...there.slice(13), 'gone-4'];
    expect(morefsOf(await retrieveAll(session, asked)).sort()).toEqual([...there].sort());
    expect(await retrieveAll(session, ['gone-1'])).toEqual([]);
    expect(await retrieveAll(session, [])).toEqual([]);
  });

  it('does not deliver an object twice when one vanishes between two pages', async () => {
    const hosts = demoHosts(10);
    await using vcenter = await startTarget({ hosts, pageSize: 4 });
    await using session = await loginTo(vcenter);
    const morefs = hosts.map(({ moref }) => moref);
    const seen: string[] = [];
    for await (const { moref } of retrieve(session, morefs)) {
      if (seen.length === 0) {
        const operation = 'ContinueRetrievePropertiesEx';
        vcenter.misbehave({ kind: 'soap-fault', fault: 'ManagedObjectNotFound', operation });
      }
      seen.push(moref.value);
      if (seen.length === 4) vcenter.setHosts(hosts.slice(0, 9));
    }
    expect(seen.toSorted()).toEqual(morefs.slice(0, 9).toSorted());
  });

  it('passes on other faults', async () => {
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const error = await rejectionOf(retrieveAll(session, ['host-1'], ['no.such.path']));
    expect(error).toMatchObject({ code: 'fault', fault: 'InvalidProperty' });
  });

  it('cancels the rest when it is left early, and then logs out well', async () => {
    await using vcenter = await startTarget({ hosts: demoHosts(30), pageSize: 10 });
    await using session = await loginTo(vcenter);
    const morefs = demoHosts(30).map(({ moref }) => moref);
    for await (const _ of retrieve(session, morefs)) break;
    expect(vcenter.stats.calls).toMatchObject({ RetrievePropertiesEx: 1, CancelRetrievePropertiesEx: 1 });
    expect(await retrieveAll(session, ['host-1'])).toHaveLength(1);
  });

  it('closes the request when the signal aborts in the middle, and frees the pages that are left', async () => {
    await using vcenter = await startTarget({ hosts: demoHosts(2_000), pageSize: 1_500 });
    await using session = await loginTo(vcenter);
    const work = new AbortController();
    const morefs = demoHosts(2_000).map(({ moref }) => moref);
    const cancelled = callsFromNow(vcenter, 'CancelRetrievePropertiesEx');
    const error = await rejectionOf(
      (async () => {
        for await (const _ of retrieve(session, morefs, PATHS, { signal: work.signal })) {
          work.abort(new Error('enough'));
        }
      })(),
    );
    expect(error.message).toBe('enough');
    expect(cancelled()).toBe(1);
  });

  it('ends with the signal when vCenter hangs in the middle of the pages', async () => {
    await using vcenter = await startTarget({ hosts: demoHosts(30), pageSize: 10 });
    await using session = await loginTo(vcenter);
    vcenter.misbehave({ kind: 'hang', operation: 'ContinueRetrievePropertiesEx' });
    const work = new AbortController();
    const continued = callsFromNow(vcenter, 'ContinueRetrievePropertiesEx');
    const morefs = demoHosts(30).map(({ moref }) => moref);
    const error = rejectionOf(collect(retrieve(session, morefs, PATHS, { signal: work.signal })));
    await eventually(() => continued() === 1);
    work.abort(new Error('enough'));
    expect((await error).message).toBe('enough');
  });

  it.each([
    ['truncate', 'truncated'],
    ['cut-xml', 'truncated'],
    ['html', 'status'],
  ] as const)('says so when a page comes as %s, and asks for no page twice', async (kind, code) => {
    await using vcenter = await startTarget({ hosts: demoHosts(30), pageSize: 10 });
    await using session = await loginTo(vcenter);
    vcenter.misbehave({ kind, operation: 'ContinueRetrievePropertiesEx' });
    const morefs = demoHosts(30).map(({ moref }) => moref);
    expect(await rejectionOf(retrieveAll(session, morefs))).toMatchObject({ code });
    expect(vcenter.stats.calls.ContinueRetrievePropertiesEx).toBe(1);
  });

  it('reads again when the first page did not begin', async () => {
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const calls = callsFromNow(vcenter, 'RetrievePropertiesEx');
    vcenter.misbehave({ kind: 'down', operation: 'RetrievePropertiesEx' });
    const objects = retrieveAll(session, ['host-1']);
    await eventually(() => calls() === 1);
    vcenter.misbehave(undefined);
    expect(await objects).toHaveLength(1);
    expect(calls()).toBe(2);
  });
});

/** vcsim has no service systems, so the contract goes upwards instead. */
describe('retrieveByTraversal', () => {
  it('reads the services of hosts from their service systems', async () => {
    const hosts = [demoHost(1), demoHost(2, { services: [{ key: 'vpxa', running: true }] })];
    await using vcenter = await startTarget({ hosts });
    await using session = await loginTo(vcenter);
    const request = {
      type: 'HostSystem',
      morefs: hosts.map(({ moref }) => moref),
      steps: [{ type: 'HostSystem', path: 'configManager.serviceSystem' }],
      specs: [{ type: 'HostServiceSystem', paths: ['serviceInfo'] }],
    };
    const found = await collect(retrieveByTraversal(session, request, { signal }));
    const services = (...all: [string, boolean][]) => [
      ['serviceInfo', { service: all.map(([key, running]) => expect.objectContaining({ key, running })) }],
    ];
    expect(found.map(({ moref, properties }) => [moref.type, [...properties]])).toEqual([
      ['HostServiceSystem', services(['TSM-SSH', true], ['ntpd', false])],
      ['HostServiceSystem', services(['vpxa', true])],
    ]);
  });
});

describe('a token', () => {
  it('is good for one call in its own session', async () => {
    await using vcenter = await startTarget({ hosts: demoHosts(30), pageSize: 10 });
    await using session = await loginTo(vcenter);
    await using other = await loginTo(vcenter);
    const tokens: string[] = [];
    const watching: VsphereSession = {
      ...session,
      transport: (call, options) => {
        const token = /<token>(.*)<\/token>/.exec(call.body)?.[1];
        if (token !== undefined) tokens.push(token);
        return session.transport(call, options);
      },
    };
    const morefs = demoHosts(30).map(({ moref }) => moref);
    expect(await retrieveAll(watching, morefs)).toHaveLength(30);
    expect(new Set(tokens).size).toBe(2);
    const call = methodCall(
      'ContinueRetrievePropertiesEx',
      session.content.propertyCollector,
      textElement('token', tokens[0] ?? ''),
    );
    for (const { transport } of [session, other]) {
      expect(await rejectionOf(transport(call, { signal }))).toMatchObject({ fault: 'InvalidArgument' });
    }
  });
});
