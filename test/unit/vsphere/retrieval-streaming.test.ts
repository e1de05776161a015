import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import { retrieveByTraversal } from '../../../lib/vsphere/property/retrieval.ts';
import { MAX_ELEMENTS } from '../../../lib/vsphere/property/retrieve-from.ts';
import { retrievePages } from '../../../lib/vsphere/property/retrieve-pages.ts';
import { XmlScanner } from '../../../lib/vsphere/soap/xml-scanner.ts';
import { AROUND_OBJECTS, cannedSession } from './canned-session.ts';
import { soapAnswer } from './soap-messages.ts';

const { signal } = new AbortController();

const [HEAD, TAIL] = AROUND_OBJECTS;

const objectOf = (index: number, filler = '') =>
  `<objects><obj type="HostSystem">host-${index}</obj><propSet><name>name</name>` +
  `<val xsi:type="xsd:string">esx${String(index).padStart(9, '0')}.example.org${filler}</val></propSet></objects>`;

describe('a retrieval', () => {
  it('takes no more of the body than the object in hand needs', async () => {
    let pulled = 0;
    function* body() {
      yield Buffer.from(HEAD);
      for (; pulled < 5_000; pulled += 1) yield Buffer.from(objectOf(pulled));
      yield Buffer.from(TAIL);
    }
    let delivered = 0;
    for await (const { moref } of retrievePages(cannedSession(body), '', { signal })) {
      expect(moref.value).toBe(`host-${delivered}`);
      delivered += 1;
      expect(pulled).toBeLessThanOrEqual(delivered);
    }
    expect(delivered).toBe(5_000);
  });

  it('holds what its caller keeps, and nothing of the answer around it', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const objects = 2_000;
    function* body() {
      yield Buffer.from(HEAD);
      for (let index = 0; index < objects; index += 1) yield Buffer.from(objectOf(index, 'x'.repeat(5_000)));
      yield Buffer.from(TAIL);
    }
    const kept: unknown[] = [];
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for await (const { moref } of retrievePages(cannedSession(body), '', { signal })) kept.push(moref);
    collectGarbage();
    const grown = process.memoryUsage().heapUsed - before;
    expect(kept).toHaveLength(objects);
    // The answer has 10 MB; 2,000 references take about 0.2 MB.
    expect(grown).toBeLessThan(2 * 2 ** 20);
  });

  it('delivers what came before a cut, and then the error', async () => {
    const cut = () => [Buffer.from(HEAD + objectOf(1) + objectOf(2) + objectOf(3).slice(0, -20))];
    const seen: string[] = [];
    const read = async () => {
      for await (const { moref } of retrievePages(cannedSession(cut), '', { signal })) seen.push(moref.value);
    };
    await expect(read()).rejects.toMatchObject({ code: 'truncated' });
    await expect(read()).rejects.toBeInstanceOf(VsphereReplyError);
    expect(seen).toEqual(['host-1', 'host-2', 'host-1', 'host-2']);
  });

  it('stays below 500,000 elements a request', () => {
    // The envelope and the call around a filter have ten.
    expect(MAX_ELEMENTS + 10).toBe(500_000);
  });

  it('stays below a number of elements a request, whatever is asked from how many objects', async () => {
    const requests: { elements: number; starts: number }[] = [];
    const session = cannedSession(({ operation, body }) => {
      requests.push(count(soapAnswer(body)));
      return [Buffer.from(soapAnswer(`<${operation}Response xmlns="urn:vim25"/>`))];
    });
    const steps = Array.from({ length: 10 }, (_, i) => ({ type: 'HostSystem', path: `a${i}`, skip: true }));
    const request = {
      type: 'HostSystem',
      morefs: Array.from({ length: 160 }, (_, index) => `host-${index}`),
      steps,
      specs: [{ type: 'Folder', paths: Array.from({ length: 100 }, (_, index) => `path${index}`) }],
    };
    for await (const _ of retrieveByTraversal(session, request, { signal, maxElements: 5_000 - 10 }))
      throw new Error('nothing is there');
    const most = Math.max(...requests.map(({ elements }) => elements));
    expect(requests.reduce((sum, { starts }) => sum + starts, 0)).toBe(160);
    expect(most).toBeLessThanOrEqual(5_000);
    expect(most).toBeGreaterThan(4_900);
    expect(requests).toHaveLength(2);
  });
});

/** What vCenter counts, and the objects that a request begins at. */
function count(envelope: string): { elements: number; starts: number } {
  const counted = { elements: 0, starts: 0 };
  const open = (name: string) => {
    counted.elements += 1;
    if (name === 'objectSet') counted.starts += 1;
  };
  const scanner = new XmlScanner({ open, text: () => undefined, close: () => undefined, leaf: open });
  scanner.push(Buffer.from(envelope));
  scanner.end();
  return counted;
}
