import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import { SoapReader } from '../../../lib/vsphere/soap/soap-reader.ts';
import { escapeXml } from '../../../lib/vsphere/soap/soap-request.ts';
import { ElementBuilder } from '../../../lib/vsphere/soap/unit-builder.ts';
import { readAll, readOne, retrievalAnswer, soapAnswer } from './soap-messages.ts';

const MIXED = retrievalAnswer(
  '<token>t</token><objects><obj type="HostSystem">host-1</obj>' +
    '<propSet><name>name</name><val xsi:type="xsd:string">a &amp; b &#252; &lt;ü€😀&gt;</val></propSet>' +
    '<propSet><name>note</name><val xsi:type="xsd:string"><![CDATA[<raw> & ]]>tail</val></propSet>' +
    '<!-- a comment --></objects><objects><obj type="HostSystem">host-2</obj></objects>',
);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe('SoapReader', () => {
  it('delivers each unit once it is complete, and only those', () => {
    const units = readAll([MIXED]);
    expect(units.map((unit) => unit.name)).toEqual(['token', 'objects', 'objects']);
    expect(units[0]?.text).toBe('t');
  });

  it('reads the same whatever the borders of the chunks, also inside tags, entities and characters', () => {
    const bytes = Buffer.from(MIXED);
    const whole = readAll([bytes]);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 40 }), (borders) => {
        const cuts = [0, ...borders.sort((a, b) => a - b), bytes.length];
        const pieces = cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
        expect(readAll(pieces)).toEqual(whole);
      }),
    );
    expect(readAll(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it('resolves entities and takes CDATA as text', () => {
    const [, object] = readAll([MIXED]);
    const texts = object?.children
      .filter((child) => child.name === 'propSet')
      .map((p) => p.children[1]?.text);
    expect(texts).toEqual(['a & b ü <ü€😀>', '<raw> & tail']);
  });

  it('gives back every text that a request can carry', () => {
    const carried = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{C}/u.test(text));
    fc.assert(
      fc.property(carried, (text) => {
        expect(readOne(retrievalAnswer(`<token>${escapeXml(text)}</token>`)).text).toBe(text);
      }),
    );
  });

  it('knows xsi:type by its namespace, whatever the prefix', () => {
    const vcsim =
      '<val xmlns:XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" XMLSchema-instance:type="xsd:int" />';
    expect(readOne(retrievalAnswer(vcsim)).type).toBe('int');
    const foreign = '<val xmlns:xsi="urn:other" xsi:type="xsd:int"/>';
    expect(readOne(retrievalAnswer(foreign))).toMatchObject({ type: undefined, referenceType: undefined });
  });

  it('keeps the type attribute of a reference apart from its xsi:type', () => {
    const reference = '<val type="Folder" xsi:type="ManagedObjectReference">group-1</val>';
    expect(readOne(retrievalAnswer(reference))).toMatchObject({
      type: 'ManagedObjectReference',
      referenceType: 'Folder',
      text: 'group-1',
    });
  });

  it.each([
    ['an unbalanced tag', Buffer.from('</b>')],
    ['bytes that are no UTF-8', Buffer.from([0xc3, 0x28])],
    ['an object that is too large', Buffer.from(`<objects>${'<a/>'.repeat(10)}</objects>`)],
  ])('delivers the objects in front of %s in the same bytes, and then the error', (_, spoiled) => {
    const [head = ''] = retrievalAnswer('<objects><a>1</a></objects><objects/>|').split('|');
    const reader = new SoapReader(
      { origin: 'Test on vc', unitDepth: 4, limits: { unitElements: 5 } },
      new ElementBuilder(),
    );
    expect(reader.push(Buffer.concat([Buffer.from(head), spoiled]))).toHaveLength(2);
    expect(() => reader.push(Buffer.from('<'))).toThrow(VsphereReplyError);
    expect(() => reader.end()).toThrow(VsphereReplyError);
  });

  it('skips a SOAP header', () => {
    const header = '<soapenv:Header><a><b><c><d>x</d></c></b></a></soapenv:Header>\n<soapenv:Body>';
    expect(readAll([MIXED.replace('<soapenv:Body>', header)])).toEqual(readAll([MIXED]));
  });

  it('delivers a fault whatever unit was expected', () => {
    const fault = soapAnswer(
      '<soapenv:Fault><faultcode>x</faultcode><faultstring>y</faultstring></soapenv:Fault>',
    );
    expect(readOne(fault, { response: 'LoginResponse' }).name).toBe('Fault');
  });
});

describe('SoapReader refuses', () => {
  const code = (message: string | Uint8Array, options = {}) => {
    try {
      readAll([message], options);
      return 'nothing';
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  it.each([
    ['a web page', '<html><body>503</body></html>', 'not-soap'],
    ['another envelope', '<Envelope xmlns="urn:x"/>', 'not-soap'],
    ['no text at all', '', 'truncated'],
    ['an empty body', soapAnswer(''), 'not-soap'],
    [
      'what is neither head nor body',
      retrievalAnswer('').replaceAll('soapenv:Body', 'soapenv:Foot'),
      'not-soap',
    ],
    ['the body of another envelope', retrievalAnswer('').replaceAll('soapenv:Body', 'Body'), 'not-soap'],
    ['two answers in one body', soapAnswer('<a/><b/>'), 'not-soap'],
    ['an unbalanced tag', soapAnswer('<a><b></a></b>'), 'malformed'],
    ['an unknown entity', soapAnswer('<a>&nbsp;</a>'), 'malformed'],
    ['an undeclared prefix', soapAnswer('<x:a/>'), 'malformed'],
    ['a document type', `<!DOCTYPE a [<!ENTITY b "c">]>${soapAnswer('<a/>')}`, 'malformed'],
    ['another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 'malformed'],
    ['text after the envelope', `${soapAnswer('<a/>')}x`, 'malformed'],
  ])('%s, and says what kind of fault it is', (_, message, expected) => {
    expect(code(message)).toBe(expected);
  });

  it('a comment that holds --, and says so', () => {
    expect(() => readAll([soapAnswer('<a><!-- x -- y --></a>')])).toThrow('a comment holds --');
  });

  it('bytes that are no UTF-8', () => {
    const [head = ''] = soapAnswer('<a>|').split('|');
    expect(code(Buffer.concat([Buffer.from(head), Buffer.from([0xc3, 0x28])]))).toBe('malformed');
  });

  it('a message that ends anywhere before its end', () => {
    const bytes = Buffer.from(MIXED);
    const lastTag = MIXED.lastIndexOf('</soapenv:Envelope>');
    fc.assert(
      fc.property(fc.nat(lastTag), (end) => {
        expect(code(bytes.subarray(0, end))).toBe('truncated');
      }),
    );
  });

  it('an answer to another call', () => {
    expect(code(soapAnswer('<LogoutResponse xmlns="urn:vim25"/>'), { response: 'LoginResponse' })).toBe(
      'not-soap',
    );
  });

  it.each([
    ['nesting', { depth: 20 }, '<a>'.repeat(30) + '</a>'.repeat(30)],
    ['elements in one unit', { unitElements: 50 }, `<objects>${'<a/>'.repeat(60)}</objects>`],
    ['text in one unit', { unitCharacters: 100 }, `<objects>${'<a>0123456789</a>'.repeat(11)}</objects>`],
    [
      'types in one unit',
      { unitCharacters: 100 },
      `<objects>${'<a xsi:type="b0123456789"/>'.repeat(11)}</objects>`,
    ],
    [
      'references in one unit',
      { unitCharacters: 100 },
      `<objects>${'<a type="b0123456789"/>'.repeat(11)}</objects>`,
    ],
    ['names in one unit', { unitCharacters: 100 }, `<objects>${'<a0123456789/>'.repeat(11)}</objects>`],
    ['a namespace', {}, `<objects xmlns:a="${'u'.repeat(1_100)}"/>`],
    ['a prefix', {}, `<objects xmlns:${'a'.repeat(1_100)}="u"/>`],
  ])('too much: %s', (_, limits, content) => {
    expect(code(retrievalAnswer(content), { limits })).toBe('too-large');
  });

  it('says what of an answer is too much', () => {
    const text = `<objects>${'<a>0123456789</a>'.repeat(11)}</objects>`;
    expect(() => readAll([retrievalAnswer(text)], { limits: { unitCharacters: 100 } })).toThrow(
      'one of its objects has too much text',
    );
    const content = `<objects>${'<a/>'.repeat(60)}</objects>`;
    expect(() => readAll([retrievalAnswer(content)], { limits: { unitElements: 50 } })).toThrow(
      'one of its objects has too many elements',
    );
  });

  it.each([
    ['text', '<objects>', 'x'],
    ['tag', '<objects ', 'a="1" '],
    ['comment', '<!--', 'x'],
  ])('a %s that never ends', (_, start, more) => {
    const [head = ''] = retrievalAnswer(`${start}|`).split('|');
    const limits = { tokenBytes: 1_000 };
    let pieces = 0;
    function* endless() {
      yield Buffer.from(head);
      for (; pieces < 5_000; pieces += 1) yield Buffer.from(more);
    }
    expect(() => readAll(endless(), { limits })).toThrow('too long');
    expect(pieces).toBeLessThan(1_100);
  });

  it.each([
    ['line ends', '\r'],
    ['brackets', ']'],
    ['references', '&#65;'],
  ])('keeps a text of %s in little more than its characters', (_, more) => {
    const [head = ''] = retrievalAnswer('<objects>|').split('|');
    const reader = new SoapReader({ origin: 'Test on vc', unitDepth: 4 }, new ElementBuilder());
    reader.push(Buffer.from(head));
    const bytes = Buffer.alloc(100_000 * more.length, more);
    const before = usedHeap();
    reader.push(bytes);
    expect(usedHeap() - before).toBeLessThan(1_000_000);
    expect(() => reader.end()).toThrow(VsphereReplyError);
  });

  it('what is one more than each limit, and nothing before', () => {
    const content = '<objects><ab>cd</ab><e type="fg"/></objects>';
    // objects, ab, cd, e and fg.
    const characters = 7 + 2 + 2 + 1 + 2;
    expect(readAll([retrievalAnswer(content)], { limits: { unitCharacters: characters } })).toHaveLength(1);
    expect(code(retrievalAnswer(content), { limits: { unitCharacters: characters - 1 } })).toBe('too-large');
    expect(readAll([retrievalAnswer(content)], { limits: { unitElements: 3 } })).toHaveLength(1);
    expect(code(retrievalAnswer(content), { limits: { unitElements: 2 } })).toBe('too-large');
    // The envelope, its body, the answer and its value are around them.
    expect(readAll([retrievalAnswer(content)], { limits: { depth: 6 } })).toHaveLength(1);
    expect(code(retrievalAnswer(content), { limits: { depth: 5 } })).toBe('too-large');
    const [head = '', tail = ''] = retrievalAnswer('<a>|</a>').split('|');
    const inPieces = (spaces: number) => [head, ' '.repeat(spaces), tail];
    const limits = { tokenBytes: 1_000 };
    expect(readAll(inPieces(1_000), { limits })).toHaveLength(1);
    expect(() => readAll(inPieces(1_001), { limits })).toThrow(
      'the answer to Test on vc cannot be read (too-large): one of its tags or texts is too long',
    );
  });

  it('does not count what earlier units held', () => {
    const objects = '<objects><a>0123456789</a></objects>'.repeat(50);
    const limits = { unitElements: 3, unitCharacters: 20 };
    expect(readAll([retrievalAnswer(objects)], { limits })).toHaveLength(50);
  });
});
