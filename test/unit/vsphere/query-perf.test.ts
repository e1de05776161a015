import { describe, expect, it } from 'vitest';
import type { EntityMetrics } from '../../../lib/vsphere/performance/entity-metrics.ts';
import { queryPerf } from '../../../lib/vsphere/performance/query-perf.ts';
import { cannedSession } from './canned-session.ts';
import { soapAnswer } from './soap-messages.ts';

const { signal } = new AbortController();

/** What a call is refused with: the type of the fault, and the property of an InvalidArgument. */
type Refuse = (hosts: readonly string[], counters: readonly number[]) => string | undefined;

const WRONG_METRIC = 'InvalidArgument querySpec.metricId';
const WRONG_ENTITY = 'InvalidArgument querySpec.entity';

function faultOf(written: string): string {
  const [type, property] = written.split(' ');
  const inside = property === undefined ? '' : `<invalidProperty>${property}</invalidProperty>`;
  return soapAnswer(
    `<soapenv:Fault><faultcode>x</faultcode><faultstring>no</faultstring><detail><x xsi:type="${type}">${inside}</x></detail></soapenv:Fault>`,
  );
}

/** Asks for counters of hosts: what each call asked for, what came, and what ended it. */
async function query(
  hosts: readonly string[],
  counters: readonly number[],
  refuse: Refuse,
  more: { maxSamples?: number } = {},
) {
  const asked: string[] = [];
  const session = cannedSession(({ body }) => {
    const ids = [...body.matchAll(/<entity type="HostSystem">(\w+)</g)].map(([, id = '']) => id);
    const first = body.slice(0, body.indexOf('</querySpec>'));
    const keys = [...first.matchAll(/<counterId>(\d+)</g)].map(([, key]) => Number(key));
    asked.push(`${ids.join('+')} ${keys.join('+')}`);
    const fault = refuse(ids, keys);
    if (fault !== undefined) return [Buffer.from(faultOf(fault))];
    const answers = ids
      .map((id) => `<returnval><entity type="HostSystem">${id}</entity></returnval>`)
      .join('');
    return [Buffer.from(soapAnswer(`<QueryPerfResponse xmlns="urn:vim25">${answers}</QueryPerfResponse>`))];
  });
  const entities = hosts.map((value) => ({ type: 'HostSystem', value }));
  const metrics = counters.map((counterId) => ({ counterId, instance: '' }));
  const came: EntityMetrics[] = [];
  let failure: unknown;
  try {
    for await (const one of queryPerf(session, { kind: 'realtime', entities, metrics, ...more }, { signal }))
      came.push(one);
  } catch (error) {
    failure = error;
  }
  const shown = came.map(({ entity, missing, metrics: of }) =>
    [entity.value, missing ?? 'ok', ...(of ?? []).map(({ counterId }) => counterId)].join(' '),
  );
  return { asked, shown, failure };
}

describe('queryPerf', () => {
  it('asks for fewer entities at once of which it wants many samples', async () => {
    const asked = await query(['a', 'b'], [1], () => undefined, { maxSamples: 3_072 });
    expect(asked.asked).toEqual(['a 1', 'b 1']);
  });
});

describe('queryPerf, where a call is refused', () => {
  it('asks for all at once where nothing is', async () => {
    expect(await query(['a', 'b'], [1, 2], () => undefined)).toEqual({
      asked: ['a+b 1+2'],
      shown: ['a ok', 'b ok'],
      failure: undefined,
    });
  });

  it.each([
    ['ManagedObjectNotFound', 'vanished'],
    [WRONG_ENTITY, 'vanished'],
    ['HostNotConnected', 'refused'],
  ])(
    'for the sake of one entity by %s, asks in halves by entities until that stands alone',
    async (fault, why) => {
      expect(
        await query(['a', 'b', 'c'], [1, 2], (hosts) => (hosts.includes('b') ? fault : undefined)),
      ).toEqual({
        asked: ['a+b+c 1+2', 'a+b 1+2', 'a 1+2', 'b 1+2', 'c 1+2'],
        shown: ['a ok', `b ${why}`, 'c ok'],
        failure: undefined,
      });
    },
  );

  it('for the sake of a metric, looks for it with the first entity, and asks the others once for the rest', async () => {
    const refuse: Refuse = (_hosts, counters) => (counters.includes(2) ? WRONG_METRIC : undefined);
    expect(await query(['a', 'b', 'c'], [1, 2, 3], refuse)).toEqual({
      asked: ['a+b+c 1+2+3', 'a 1+2+3', 'a 1+2', 'a 1', 'a 2', 'a 3', 'b+c 1+3'],
      shown: ['a ok', 'a refused 2', 'a ok', 'b ok', 'b refused 2', 'c ok', 'c refused 2'],
      failure: undefined,
    });
  });

  it('for the sake of the only metric, asks nobody again', async () => {
    expect(await query(['a', 'b'], [1], () => WRONG_METRIC)).toEqual({
      asked: ['a+b 1'],
      shown: ['a refused 1', 'b refused 1'],
      failure: undefined,
    });
  });

  it('as restricted, asks in halves by entities, then by metrics, and says so of what is one of each', async () => {
    const refuse: Refuse = (hosts, counters) =>
      hosts.length * counters.length > 1 || hosts[0] === 'b' ? 'RestrictedByAdministrator' : undefined;
    expect(await query(['a', 'b'], [1, 2], refuse)).toEqual({
      asked: ['a+b 1+2', 'a 1+2', 'a 1', 'a 2', 'b 1+2', 'b 1', 'b 2'],
      shown: ['a ok', 'a ok', 'b restricted', 'b restricted'],
      failure: undefined,
    });
  });

  it('as too large, asks in halves, and fails where one metric of one entity is', async () => {
    const { asked, failure } = await query(['a'], [1, 2], () => 'InvalidRequest');
    expect(asked).toEqual(['a 1+2', 'a 1']);
    expect(failure).toMatchObject({ fault: 'InvalidRequest' });
  });

  it.each(['NotAuthenticated', 'InvalidArgument querySpec.intervalId'])(
    'fails by %s at once',
    async (fault) => {
      const { asked, shown, failure } = await query(['a', 'b'], [1, 2], () => fault);
      expect([asked, shown]).toEqual([['a+b 1+2'], []]);
      expect(failure).toMatchObject({ fault: fault.split(' ')[0] });
    },
  );

  const many = Array.from({ length: 200 }, (_, index) => `h${index}`);
  const isOdd = (host = '') => Number(host.slice(1)) % 2 === 1;

  it('gives up looking for single entities after 100 refused calls, and says of the rest that it is refused', async () => {
    const { asked, shown, failure } = await query(many, [1], (hosts) =>
      hosts.some(isOdd) ? 'HostNotConnected' : undefined,
    );
    expect(shown).toHaveLength(200);
    expect(shown.slice(0, 4)).toEqual(['h0 ok', 'h1 refused', 'h2 ok', 'h3 refused']);
    expect(shown.at(-2)).toBe('h198 refused');
    expect(asked.length).toBeLessThan(170);
    expect(failure).toBeUndefined();
  });

  it('fails with the last fault where by then no call was answered', async () => {
    const { failure } = await query(many, [1], () => 'HostNotConnected');
    expect(failure).toMatchObject({ fault: 'HostNotConnected' });
  });
});
