import { describe, expect, it } from 'vitest';
import type { MethodName } from '../../../lib/catalogue/sources/call.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { calls } from '../../../lib/readers/calls.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import type { Transport } from '../../../lib/vsphere/soap/transport.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { allOf, answering } from './answering.ts';

const NOW = Date.UTC(2026, 0, 2, 12);
const TIME = '2026-01-02T12:00:05Z';
const CONNECTION = 'runtime.connectionState';
const SYSTEM = 'configManager.dateTimeSystem';

const hostOf = (number: number, properties: Readonly<Record<string, PropertyValue>> = {}) => ({
  type: 'HostSystem',
  moref: `host-${number}`,
  properties: new Map<string, PropertyValue>(
    Object.entries({
      [CONNECTION]: 'connected',
      [SYSTEM]: { type: 'HostDateTimeSystem', value: `time-${number}` },
      ...properties,
    }),
  ),
});
const hosts = (count: number) => Array.from({ length: count }, (_, index) => hostOf(index));

async function read(
  needs: readonly MethodName[],
  items: readonly ReturnType<typeof hostOf>[],
  {
    answer = () => `<returnval>${TIME}</returnval>`,
    callMs = 400,
  }: { answer?: (on: string) => string; callMs?: number } = {},
) {
  const clock = createManualClock(NOW);
  const sent: string[] = [];
  const connection = answering(({ operation, body }) => {
    const on = /<_this [^>]*>([^<]*)</.exec(body)?.[1] ?? '';
    sent.push(`${operation} ${on}`);
    clock.advance(callMs);
    return answer(on);
  });
  const options = { session: { connection } as never, clock, signal: new AbortController().signal };
  const found = await allOf(calls.read(needs, items, options));
  return { found, sent };
}

const fault = (name: string) => new VsphereFaultError('x', { fault: name, text: '' });

describe('the reader of calls', () => {
  it('is told by its name where it fails', () => {
    expect(calls.facts.name).toBe('calls');
  });

  it('goes by the properties that say who is called, and on what', () => {
    expect(calls.pathsOf?.(['QueryDateTime'])).toEqual([CONNECTION, SYSTEM]);
    expect(calls.pathsOf?.(['RetrieveDasAdvancedRuntimeInfo'])).toEqual(['configuration.dasConfig.enabled']);
    expect(calls.pathsOf?.(['QueryDateTime', 'QueryDateTime'])).toEqual([CONNECTION, SYSTEM]);
  });

  it('has what was answered, and the middle of the round trip by this clock', async () => {
    const { found, sent } = await read(['QueryDateTime'], [hostOf(1)]);
    const answer = { value: '2026-01-02T12:00:05Z', at: NOW + 200, roundTripMs: 400 };
    expect(found).toEqual([['host-1', { answers: new Map([['QueryDateTime', answer]]), problems: [] }]]);
    expect(sent).toEqual(['QueryDateTime time-1']);
  });

  it('has no value of an answer without one', async () => {
    const { found } = await read(['QueryDateTime'], [hostOf(1)], { answer: () => '' });
    expect(found[0]?.[1].answers.get('QueryDateTime')).toEqual({
      value: undefined,
      at: NOW + 200,
      roundTripMs: 400,
    });
  });

  it('calls only objects that the method is for, those without a property of it on themselves', async () => {
    const cluster = (number: number, enabled: boolean) => ({
      ...hostOf(number),
      type: 'ClusterComputeResource',
      properties: new Map<string, PropertyValue>([['configuration.dasConfig.enabled', enabled]]),
    });
    const items = [
      cluster(1, true),
      cluster(2, false),
      hostOf(3),
      hostOf(4, { [CONNECTION]: 'disconnected' }),
    ];
    const both = ['QueryDateTime', 'RetrieveDasAdvancedRuntimeInfo'] as const;
    const { found, sent } = await read(both, items);
    expect(found.map(([moref]) => moref)).toEqual(['host-1', 'host-3']);
    expect(sent).toEqual(['RetrieveDasAdvancedRuntimeInfo host-1', 'QueryDateTime time-3']);
  });

  it('says why there is no answer, and has those of the others', async () => {
    const items = [hostOf(1), hostOf(2, { [SYSTEM]: 'no reference' }), hostOf(3)];
    const { found } = await read(['QueryDateTime'], items, {
      answer: (on) => {
        if (on === 'time-3') throw fault('HostNotConnected');
        return `<returnval>${TIME}</returnval>`;
      },
    });
    expect(found.map(([, { problems }]) => problems)).toEqual([
      [],
      [`${SYSTEM} could not be read`],
      ['QueryDateTime was refused: HostNotConnected'],
    ]);
    expect(found.map(([, { answers }]) => answers.size)).toEqual([1, 0, 0]);
  });

  it('ends with the session, and at an answer that is none', async () => {
    for (const error of [fault('NotAuthenticated'), new Error('cut off')]) {
      const answer = () => {
        throw error;
      };
      await expect(read(['QueryDateTime'], [hostOf(1)], { answer })).rejects.toBe(error);
    }
  });

  it.each([
    [2_500, 16],
    [2_501, 8],
  ])('calls eight objects at a time, and none after 20 s (%d ms each: %d)', async (callMs, asked) => {
    const { found, sent } = await read(['QueryDateTime'], hosts(20), { callMs });
    expect(sent).toHaveLength(asked);
    expect(found.map(([moref]) => moref)).toEqual(hosts(20).map(({ moref }) => moref));
    const late = 'QueryDateTime was not called: the others took more than 20 s';
    expect(found.filter(([, { problems }]) => problems[0] === late)).toHaveLength(20 - asked);
  });

  it('waits 5 s for an answer', async () => {
    const clock = createManualClock(NOW);
    const transport: Transport = (_, { signal }) => untilAborted(new Promise(() => {}), signal);
    const options = {
      session: { connection: { ...answering(() => ''), transport } } as never,
      clock,
      signal: new AbortController().signal,
    };
    const reading = allOf(calls.read(['QueryDateTime'], [hostOf(1)], options));
    await new Promise(setImmediate);
    expect(clock.nextInMs()).toBe(5_000);
    clock.advance(5_000);
    expect(await reading).toEqual([
      ['host-1', { answers: new Map(), problems: ['QueryDateTime was not answered within 5 s'] }],
    ]);
  });

  it('ends with its signal', async () => {
    const ended = new AbortController();
    const answer = () => {
      ended.abort(new Error('the run is over'));
      throw fault('HostNotConnected');
    };
    const connection = answering(answer);
    const options = { session: { connection } as never, clock: createManualClock(), signal: ended.signal };
    const reading = allOf(calls.read(['QueryDateTime'], [hostOf(1)], options));
    await expect(reading).rejects.toThrow('the run is over');
  });
});
