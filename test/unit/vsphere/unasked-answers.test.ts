import { describe, expect, it } from 'vitest';
import { VsphereFaultError, VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import { queryPerf } from '../../../lib/vsphere/performance/query-perf.ts';
import { retrieveByTraversal, retrieveObjects } from '../../../lib/vsphere/property/retrieval.ts';
import { retrievePages } from '../../../lib/vsphere/property/retrieve-pages.ts';
import { AROUND_OBJECTS, cannedSession } from './canned-session.ts';
import { soapAnswer } from './soap-messages.ts';

const { signal } = new AbortController();
const [HEAD, TAIL] = AROUND_OBJECTS;

/** Gives all that came, and what ended it. */
async function readAll<T>(answers: AsyncIterable<T>): Promise<{ came: T[]; failure: unknown }> {
  const came: T[] = [];
  try {
    for await (const one of answers) came.push(one);
    return { came, failure: undefined };
  } catch (failure) {
    return { came, failure };
  }
}

const objectOf = (host: string) => `<objects><obj type="HostSystem">${host}</obj></objects>`;
const answering = (...hosts: readonly string[]) =>
  cannedSession(() => [Buffer.from(HEAD + hosts.map(objectOf).join('') + TAIL)]);

describe('a retrieval of named objects', () => {
  const named = { type: 'HostSystem', morefs: ['host-1', 'host-2'], paths: ['name'] };

  it('ends with an error at the first object that was not asked for', async () => {
    const session = answering('host-1', 'host-3', 'host-2');
    const { came, failure } = await readAll(retrieveObjects(session, named, { signal }));
    expect(came.map(({ moref }) => moref.value)).toEqual(['host-1']);
    expect(failure).toBeInstanceOf(VsphereReplyError);
    expect(failure).toMatchObject({
      code: 'not-soap',
      message: expect.stringContaining('HostSystem:host-3'),
    });
  });

  it('gives an object once that comes twice', async () => {
    const { came, failure } = await readAll(
      retrieveObjects(answering('host-1', 'host-2', 'host-1', 'host-2'), named, { signal }),
    );
    expect(came.map(({ moref }) => moref.value)).toEqual(['host-1', 'host-2']);
    expect(failure).toBeUndefined();
  });

  it('gives an object once that came before the fault of a vanished one and comes again afterwards', async () => {
    let calls = 0;
    const session = cannedSession(() => {
      calls += 1;
      if (calls > 1) return [Buffer.from(HEAD + objectOf('host-2') + objectOf('host-1') + TAIL)];
      const more = '<returnval><token>t</token>';
      return [Buffer.from(HEAD.replace('<returnval>', more) + objectOf('host-1') + TAIL)];
    });
    const failing: typeof session = {
      ...session,
      async transport(call, options) {
        if (call.operation === 'ContinueRetrievePropertiesEx')
          throw new VsphereFaultError('Test on vc', { fault: 'ManagedObjectNotFound', text: 'gone' });
        return session.transport(call, options);
      },
    };
    const { came, failure } = await readAll(retrieveObjects(failing, named, { signal }));
    expect(came.map(({ moref }) => moref.value)).toEqual(['host-1', 'host-2']);
    expect(failure).toBeUndefined();
  });

  it('takes whatever the steps of a traversal may lead to', async () => {
    const request = { ...named, steps: [{ type: 'HostSystem', path: 'parent' }], specs: [] };
    const { came, failure } = await readAll(retrieveByTraversal(answering('host-3'), request, { signal }));
    expect(came).toHaveLength(1);
    expect(failure).toBeUndefined();
  });
});

describe('a retrieval whose answer never ends', () => {
  const tooLarge = expect.objectContaining({
    code: 'too-large',
    message: expect.stringContaining('does not end'),
  });

  it('ends with an error, and what came is as much as a vCenter can have', async () => {
    const many = Buffer.from(objectOf('host-1').repeat(1_000));
    function* endless() {
      yield Buffer.from(HEAD);
      for (;;) yield many;
    }
    let came = 0;
    const read = async () => {
      for await (const _ of retrievePages(cannedSession(endless), '', { signal })) came += 1;
    };
    await expect(read()).rejects.toEqual(tooLarge);
    expect(came).toBeGreaterThan(400_000);
    expect(came).toBeLessThan(500_001);
  }, 60_000);

  it('ends with an error also when it has empty pages only', async () => {
    const session = cannedSession(({ operation }) => [
      Buffer.from(
        soapAnswer(
          `<${operation}Response xmlns="urn:vim25"><returnval><token>t</token></returnval></${operation}Response>`,
        ),
      ),
    ]);
    const { came, failure } = await readAll(retrievePages(session, '', { signal }));
    expect(came).toEqual([]);
    expect(failure).toEqual(tooLarge);
  }, 60_000);
});

describe('a query of statistics', () => {
  const query = {
    kind: 'realtime',
    entities: ['host-1', 'host-2'].map((value) => ({ type: 'HostSystem', value })),
    metrics: [{ counterId: 1, instance: '' }],
  } as const;
  const metricsOf = (host: string) =>
    `<returnval xsi:type="PerfEntityMetricCSV"><entity type="HostSystem">${host}</entity></returnval>`;
  const ask = (...hosts: readonly string[]) => {
    const body = `<QueryPerfResponse xmlns="urn:vim25">${hosts.map(metricsOf).join('')}</QueryPerfResponse>`;
    const session = cannedSession(() => [Buffer.from(soapAnswer(body))]);
    return readAll(queryPerf(session, query, { signal }));
  };

  it.each([
    ['an entity that was not asked for', ['host-2', 'host-3'], 1],
    ['an entity again and again', ['host-2', 'host-2', 'host-2'], 2],
  ])('ends with an error at %s', async (_, hosts, delivered) => {
    const { came, failure } = await ask(...hosts);
    expect(came).toHaveLength(delivered);
    expect(failure).toMatchObject({ code: 'not-soap', message: expect.stringContaining(hosts.at(-1) ?? '') });
  });

  it('has each entity once when each comes once', async () => {
    const { came, failure } = await ask('host-2', 'host-1');
    expect(failure).toBeUndefined();
    expect(came.map(({ entity }) => entity.value)).toEqual(['host-2', 'host-1']);
  });
});
