import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VsphereFaultError, VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import { queryPerf } from '../../../lib/vsphere/performance/query-perf.ts';
import { retrieveByTraversal, retrieveObjects } from '../../../lib/vsphere/property/retrieval.ts';
import { retrieveByView } from '../../../lib/vsphere/property/retrieve-by-view.ts';
import { retrieveFrom } from '../../../lib/vsphere/property/retrieve-from.ts';
import { retrieveProperty } from '../../../lib/vsphere/property/retrieve-property.ts';
import type { SoapCall } from '../../../lib/vsphere/soap/transport.ts';
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

  it('asks for them in one filter, with nothing between them', async () => {
    const sent: string[] = [];
    const session = cannedSession(({ body }) => {
      sent.push(body);
      return [Buffer.from(HEAD + TAIL)];
    });
    await readAll(retrieveObjects(session, named, { signal }));
    const sets = ['host-1', 'host-2'].map(
      (host) => `<objectSet><obj type="HostSystem">${host}</obj></objectSet>`,
    );
    expect(sent[0]).toContain(`</propSet>${sets.join('')}`);
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

describe('one property of one object', () => {
  const read = (...objects: readonly string[]) =>
    retrieveProperty(
      cannedSession(() => [Buffer.from(HEAD + objects.join('') + TAIL)]),
      { type: 'HostSystem', value: 'host-1' },
      'name',
      { signal },
    );
  const host = (inside: string) => `<objects><obj type="HostSystem">host-1</obj>${inside}</objects>`;

  it('is its value, and undefined where it is unset', async () => {
    const value = '<propSet><name>name</name><val xsi:type="xsd:string">esx01</val></propSet>';
    expect(await read(host(value))).toBe('esx01');
    expect(await read(host(''))).toBeUndefined();
  });

  it('is a fault that says of which property and object, when it cannot be read or the object is gone', async () => {
    const fault = '<fault xsi:type="NoPermission"></fault><localizedMessage></localizedMessage>';
    const missing = `<missingSet><path>name</path><fault>${fault}</fault></missingSet>`;
    await expect(read(host(missing))).rejects.toMatchObject({
      fault: 'NoPermission',
      message: expect.stringMatching(/name of HostSystem:host-1.*it cannot be read/),
    });
    await expect(read()).rejects.toMatchObject({
      fault: 'ManagedObjectNotFound',
      message: expect.stringMatching(/name of HostSystem:host-1.*the object is gone/),
    });
  });
});

describe('a retrieval by a view', () => {
  it('asks for what lies below the root folder, however deep', async () => {
    const sent: string[] = [];
    const session = cannedSession(({ operation, body }) => {
      sent.push(body);
      const view = '<returnval type="ContainerView">session[1]view</returnval>';
      const answer = `<${operation}Response xmlns="urn:vim25">${operation === 'CreateContainerView' ? view : ''}`;
      return [Buffer.from(soapAnswer(`${answer}</${operation}Response>`))];
    });
    const content = {
      ...session.content,
      rootFolder: { type: 'Folder', value: 'group-d1' },
      viewManager: { type: 'ViewManager', value: 'v' },
    };
    const specs = [{ type: 'HostSystem', paths: ['name'] }];
    await readAll(retrieveByView({ ...session, content }, specs, { signal }));
    expect(sent[0]).toContain(
      '<container type="Folder">group-d1</container><type>HostSystem</type><recursive>true</recursive>',
    );
  });
});

describe('a retrieval from more objects than one request may have elements for', () => {
  it('takes several calls, each below the limit of vCenter', async () => {
    const sizes: number[] = [];
    const session = cannedSession(({ body }) => {
      sizes.push(body.match(/<[^/]/g)?.length ?? 0);
      return [Buffer.from(HEAD + TAIL)];
    });
    const steps = Array.from({ length: 100 }, () => ({ type: 'HostSystem', path: 'vm', skip: true }));
    const starts = Array.from({ length: 2_000 }, (_, n) => ({
      obj: { type: 'HostSystem', value: `host-${n}` },
      selectSet: steps,
    }));
    await readAll(retrieveFrom(session, { specs: [], starts }, { signal }));
    // A start has 402 elements: 804,000 in all.
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500_000);
  });
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

  it('says of an entity that is left out that there is no data, and has no series of it', async () => {
    const { came } = await ask('host-2');
    expect(came[1]).toEqual({ entity: query.entities[0], series: [], missing: 'no-data' });
  });

  it('asks for 20 s samples in the CSV form, the newest alone, unless it is told otherwise', async () => {
    const sent: string[] = [];
    const session = cannedSession(({ body }) => {
      sent.push(body);
      return [Buffer.from(soapAnswer('<QueryPerfResponse xmlns="urn:vim25"></QueryPerfResponse>'))];
    });
    const one = { ...query, entities: query.entities.slice(0, 1) };
    await readAll(queryPerf(session, one, { signal }));
    await readAll(queryPerf(session, { ...one, intervalSeconds: 60, maxSamples: 3 }, { signal }));
    const startTime = new Date(Date.UTC(2026, 0, 1));
    const historical = {
      ...one,
      kind: 'historical',
      intervalSeconds: 300,
      startTime,
      maxQueryMetrics: 9,
    } as const;
    await readAll(queryPerf(session, historical, { signal }));
    await readAll(queryPerf(session, { ...historical, endTime: new Date(Date.UTC(2026, 0, 2)) }, { signal }));
    const metric = '<metricId><counterId>1</counterId><instance></instance></metricId>';
    const spec = (before: string, interval: number) =>
      `<querySpec><entity type="HostSystem">host-1</entity>${before}${metric}` +
      `<intervalId>${interval}</intervalId><format>csv</format></querySpec>`;
    const from = '<startTime>2026-01-01T00:00:00.000Z</startTime>';
    expect(sent.map((body) => /<querySpec>.*<\/querySpec>/.exec(body)?.[0])).toEqual([
      spec('<maxSample>1</maxSample>', 20),
      spec('<maxSample>3</maxSample>', 60),
      spec(from, 300),
      spec(`${from}<endTime>2026-01-02T00:00:00.000Z</endTime>`, 300),
    ]);
  });

  describe('to which vSphere answers with a fault', () => {
    const entities = Array.from({ length: 256 }, (_, n) => ({ type: 'HostSystem', value: `host-${n}` }));
    const more = entities.map(({ type, value }) => ({ type, value: value.replace('-', '-1000') }));
    /** One that refuses each call that names one of these, or that gets a fault. */
    const refusing = (
      hosts: readonly string[],
      fault: string,
      faultOf: (call: SoapCall) => VsphereFaultError | undefined = () => undefined,
    ) => {
      const asked = { calls: 0 };
      const answering = cannedSession(({ body }) => {
        const named = Array.from(body.matchAll(/>(host-\d+)</g), ([, host = '']) => metricsOf(host));
        return [
          Buffer.from(
            soapAnswer(`<QueryPerfResponse xmlns="urn:vim25">${named.join('')}</QueryPerfResponse>`),
          ),
        ];
      });
      const session: typeof answering = {
        ...answering,
        async transport(call, options) {
          asked.calls += 1;
          if (hosts.some((host) => call.body.includes(`>${host}<`)))
            throw new VsphereFaultError('Test on vc', { fault, text: 'no' });
          expect(call.body, 'without metrics all would be answered').toContain('<metricId>');
          const failure = faultOf(call);
          if (failure !== undefined) throw failure;
          return answering.transport(call, options);
        },
      };
      return { session, asked };
    };

    it.each(['HostNotConnected', 'HostCommunication', 'SystemError', 'NoPermission'])(
      'for the sake of two entities, goes on with all others at %s',
      async (fault) => {
        const { session } = refusing(['host-7', 'host-200'], fault);
        const { came, failure } = await readAll(queryPerf(session, { ...query, entities }, { signal }));
        expect(failure).toBeUndefined();
        expect(came.map(({ entity }) => entity)).toEqual(entities);
        expect(came.filter(({ missing }) => missing !== undefined)).toMatchObject(
          ['host-7', 'host-200'].map((value) => ({
            entity: { value },
            missing: 'refused',
            fault: { fault },
          })),
        );
      },
    );

    it('for all alike, ends with that fault after a hundred calls and one for each that is left', async () => {
      const all = entities.map(({ value }) => value);
      const { session, asked } = refusing(all, 'SystemError');
      const { came, failure } = await readAll(
        queryPerf(session, { ...query, entities: [...entities, ...more] }, { signal }),
      );
      expect(failure).toMatchObject({ fault: 'SystemError' });
      expect(
        came.map(({ entity }) => entity),
        'of the first part, and no other is asked',
      ).toEqual(entities);
      expect(asked.calls).toBeLessThan(110);
    });

    it('for the first sixty, as those of a lost host, has all others', async () => {
      const lost = entities.slice(0, 60).map(({ value }) => value);
      const { session } = refusing(lost, 'HostNotConnected');
      const { came, failure } = await readAll(queryPerf(session, { ...query, entities }, { signal }));
      expect(failure).toBeUndefined();
      expect(came.map(({ entity }) => entity)).toEqual(entities);
      const answered = came.filter(({ missing }) => missing === undefined);
      expect(answered.length).toBeGreaterThanOrEqual(192);
      expect(came.filter(({ missing }) => missing === 'refused')).toHaveLength(256 - answered.length);
    });

    it.each(['HostNotConnected', 'ManagedObjectNotFound'])(
      'again and again in one part (%s), has the parts behind it whole, and says of each of the others why not',
      async (fault) => {
        const every = entities.filter((_, n) => n % 3 === 0).map(({ value }) => value);
        const { session, asked } = refusing(every, fault);
        const { came, failure } = await readAll(
          queryPerf(session, { ...query, entities: [...entities, ...more] }, { signal }),
        );
        expect(failure).toBeUndefined();
        expect(came.map(({ entity }) => entity)).toEqual([...entities, ...more]);
        expect(came.slice(256).every(({ missing }) => missing === undefined)).toBe(true);
        for (const { missing, fault: said } of came)
          if (missing === 'refused') expect(said).toMatchObject({ fault });
        expect(asked.calls).toBeLessThan(220);
      },
    );

    describe('because of one metric', () => {
      const metrics = Array.from({ length: 60 }, (_, n) => ({ counterId: n + 1, instance: '' }));
      const hosts = entities.slice(0, 5);
      const WRONG_METRIC = new VsphereFaultError('Test on vc', {
        fault: 'InvalidArgument',
        text: 'no',
        fields: new Map([['invalidProperty', 'querySpec.metricId']]),
      });
      const askWithout = async (wrong: readonly number[], invalidProperty: string) => {
        const found = new Set<number>();
        const { session, asked } = refusing([], '', ({ body }) => {
          const ids = new Set(Array.from(body.matchAll(/<counterId>(\d+)</g), ([, id]) => Number(id)));
          expect(
            [...found].filter((id) => ids.has(id)),
            'is known to be wrong',
          ).toEqual([]);
          const isRefused = wrong.some((id) => ids.has(id));
          if (isRefused && ids.size === 1) for (const id of ids) found.add(id);
          return isRefused
            ? new VsphereFaultError('Test on vc', {
                fault: 'InvalidArgument',
                text: 'no',
                fields: new Map([['invalidProperty', invalidProperty]]),
              })
            : undefined;
        });
        const all = await readAll(queryPerf(session, { ...query, metrics, entities: hosts }, { signal }));
        return { ...all, calls: asked.calls };
      };

      it.each(['querySpec.metricId', 'querySpec[0].metricId', 'counterId'])(
        'asks for all others, each entity in one go, and names the metric (%s)',
        async (property) => {
          const { came, failure, calls } = await askWithout([7, 41], property);
          expect(failure).toBeUndefined();
          const order = came.map(({ entity }) => entity.value);
          expect(order.filter((host, n) => host !== order[n - 1])).toEqual(hosts.map(({ value }) => value));
          for (const { value } of hosts) {
            const parts = came.filter(({ entity }) => entity.value === value);
            expect(parts.some(({ missing }) => missing === undefined)).toBe(true);
            const refused = parts.filter(({ missing }) => missing === 'refused');
            expect(refused.flatMap((part) => part.metrics?.map(({ counterId }) => counterId))).toEqual([
              7, 41,
            ]);
            expect(refused.every(({ fault }) => fault?.fault === 'InvalidArgument')).toBe(true);
          }
          expect(calls).toBeLessThan(40);
        },
      );

      it('or of entities, whichever they are, has each entity in its turn, and answers of all that are right', () =>
        fc.assert(
          fc.asyncProperty(
            fc.subarray(entities.slice(0, 9)),
            fc.subarray(metrics.slice(0, 6)),
            async (lost, wrong) => {
              const ids = new Set(wrong.map(({ counterId }) => counterId));
              const { session } = refusing(
                lost.map(({ value }) => value),
                'HostNotConnected',
                ({ body }) =>
                  [...ids].some((id) => body.includes(`<counterId>${id}<`)) ? WRONG_METRIC : undefined,
              );
              const asked = { ...query, entities: entities.slice(0, 9), metrics: metrics.slice(0, 6) };
              const { came, failure } = await readAll(queryPerf(session, asked, { signal }));
              expect(failure).toBeUndefined();
              const order = came.map(({ entity }) => entity.value);
              expect(order.filter((host, n) => host !== order[n - 1])).toEqual(
                asked.entities.map(({ value }) => value),
              );
              const answered = new Set(
                came.filter(({ missing }) => missing === undefined).map(({ entity }) => entity.value),
              );
              const right = asked.entities.filter((one) => wrong.length < 6 && !lost.includes(one));
              expect([...answered]).toEqual(right.map(({ value }) => value));
            },
          ),
        ));

      it('of which none is right, never asks without any, which would be for all', async () => {
        const { came, failure } = await askWithout(
          metrics.slice(0, 40).map(({ counterId }) => counterId),
          'metricId',
        );
        expect(failure).toBeUndefined();
        expect(new Set(came.map(({ entity }) => entity.value)).size).toBe(5);
      });
    });

    it('because the session has ended, ends at once', async () => {
      const { session, asked } = refusing(['host-7'], 'NotAuthenticated');
      const { came, failure } = await readAll(queryPerf(session, { ...query, entities }, { signal }));
      expect([came.length, asked.calls]).toEqual([0, 1]);
      expect(failure).toMatchObject({ fault: 'NotAuthenticated' });
    });
  });

  it('has each entity once when each comes once', async () => {
    const { came, failure } = await ask('host-2', 'host-1');
    expect(failure).toBeUndefined();
    expect(came.map(({ entity }) => entity.value)).toEqual(['host-2', 'host-1']);
  });
});
