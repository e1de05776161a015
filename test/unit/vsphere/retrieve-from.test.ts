import { describe, expect, it } from 'vitest';
import { retrieveFrom } from '../../../lib/vsphere/property/retrieve-from.ts';
import type { MoRef } from '../../../lib/vsphere/property/retrieved-object.ts';
import { answeringSession, object } from './answering-session.ts';
import { cannedSession } from './canned-session.ts';
import { soapAnswer } from './soap-messages.ts';

const { signal } = new AbortController();
const SPECS = [{ type: 'HostSystem', paths: ['name'] }];
const hosts = (count: number): MoRef[] =>
  Array.from({ length: count }, (_, index) => ({ type: 'HostSystem', value: `h${index}` }));
const idsIn = (body: string) => [...body.matchAll(/<obj type="HostSystem">(\w+)</g)].map(([, id = '']) => id);

/** The hosts that each call asked for, and those that came. */
async function retrieve(
  count: number,
  { maxElements, answer }: { maxElements?: number; answer?: (ids: readonly string[]) => string } = {},
) {
  const { session, calls } = answeringSession(({ body }) =>
    answer === undefined
      ? idsIn(body)
          .map((id) => object(`HostSystem:${id}`))
          .join('')
      : answer(idsIn(body)),
  );
  const starts = hosts(count).map((obj) => ({ obj }));
  const options = { signal, ...(maxElements === undefined ? {} : { maxElements }) };
  const came: string[] = [];
  for await (const { moref } of retrieveFrom(session, { specs: SPECS, starts }, options))
    came.push(moref.value);
  return { asked: calls.map(({ body }) => idsIn(body)), came };
}

describe('retrieveFrom', () => {
  it('asks for what there is in one call, and for nothing in none', async () => {
    expect(await retrieve(3)).toEqual({ asked: [['h0', 'h1', 'h2']], came: ['h0', 'h1', 'h2'] });
    expect(await retrieve(0)).toEqual({ asked: [], came: [] });
  });

  // Each start has two elements, and what is asked of them has four.
  it.each([
    [4 + 6, [3]],
    [4 + 5, [2, 1]],
    [4 + 4, [2, 1]],
    [4 + 2, [1, 1, 1]],
    [4 + 1, [1, 1, 1]],
    [0, [1, 1, 1]],
  ])(
    'with %d elements a call asks for as many starts as fit, and for one at least: %j',
    async (maxElements, sizes) => {
      const { asked, came } = await retrieve(3, { maxElements });
      expect(asked.map((ids) => ids.length)).toEqual(sizes);
      expect(came).toEqual(['h0', 'h1', 'h2']);
    },
  );

  it('asks for 5,000 objects in one call, and for one more in another', async () => {
    expect((await retrieve(5_000)).asked.map((ids) => ids.length)).toEqual([5_000]);
    expect((await retrieve(5_001)).asked.map((ids) => ids.length)).toEqual([5_000, 1]);
  });

  it('delivers an object once that comes twice', async () => {
    const twice = object('HostSystem:h0') + object('HostSystem:h0');
    expect((await retrieve(1, { answer: () => twice })).came).toEqual(['h0']);
  });

  it('refuses an object that was not asked for, and cuts how it is called', async () => {
    const other = object(`Folder:${'x'.repeat(200)}`);
    await expect(retrieve(1, { answer: () => other })).rejects.toMatchObject({
      code: 'not-soap',
      message: `a retrieval was answered with Folder:${'x'.repeat(93)}, which was not requested`,
    });
  });

  const fault = (name: string) =>
    soapAnswer(
      `<soapenv:Fault><faultstring>no</faultstring><detail><x xsi:type="${name}"/></detail></soapenv:Fault>`,
    );
  const gone = (vanished: readonly string[], name = 'ManagedObjectNotFound') => {
    const asked: string[][] = [];
    const session = cannedSession(({ body }) => {
      const ids = idsIn(body);
      asked.push(ids);
      const objects = ids.map((id) => object(`HostSystem:${id}`)).join('');
      const found = `<RetrievePropertiesExResponse xmlns="urn:vim25"><returnval>${objects}</returnval></RetrievePropertiesExResponse>`;
      return [Buffer.from(ids.some((id) => vanished.includes(id)) ? fault(name) : soapAnswer(found))];
    });
    return { session, asked };
  };
  const idsOf = async (session: ReturnType<typeof cannedSession>, count: number) => {
    const came: string[] = [];
    const starts = hosts(count).map((obj) => ({ obj }));
    for await (const { moref } of retrieveFrom(session, { specs: SPECS, starts }, { signal }))
      came.push(moref.value);
    return came;
  };

  it('asks again in halves where an object vanished, until that stands alone, and never for it again', async () => {
    const { session, asked } = gone(['h1']);
    expect(await idsOf(session, 5)).toEqual(['h0', 'h2', 'h3', 'h4']);
    expect(asked).toEqual([
      ['h0', 'h1', 'h2', 'h3', 'h4'],
      ['h0', 'h1', 'h2'],
      ['h0', 'h1'],
      ['h0'],
      ['h1'],
      ['h2'],
      ['h3', 'h4'],
    ]);
    const all = gone(['h0']);
    expect(await idsOf(all.session, 1)).toEqual([]);
    expect(all.asked).toEqual([['h0']]);
  });

  it('asks for nothing again that came before the page on which an object vanished', async () => {
    const asked: string[][] = [];
    const session = cannedSession(({ operation, body }) => {
      if (operation !== 'RetrievePropertiesEx') return [Buffer.from(fault('ManagedObjectNotFound'))];
      const ids = idsIn(body);
      asked.push(ids);
      const [first, ...others] = ids.map((id) => object(`HostSystem:${id}`));
      const page = asked.length === 1 ? `<token>t</token>${first}` : [first, ...others].join('');
      const answer = `<RetrievePropertiesExResponse xmlns="urn:vim25"><returnval>${page}</returnval></RetrievePropertiesExResponse>`;
      return [Buffer.from(soapAnswer(answer))];
    });
    expect(await idsOf(session, 3)).toEqual(['h0', 'h1', 'h2']);
    expect(asked).toEqual([['h0', 'h1', 'h2'], ['h1'], ['h2']]);
  });

  it('hands on every other fault, and repeats nothing', async () => {
    const { session, asked } = gone(['h1'], 'NotAuthenticated');
    await expect(idsOf(session, 3)).rejects.toMatchObject({ fault: 'NotAuthenticated' });
    expect(asked).toHaveLength(1);
  });
});
