import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VsphereReplyError } from '../../../../lib/vsphere/errors.ts';
import { toRetrievedObject } from '../../../../lib/vsphere/property/retrieval-reply.ts';
import { SoapReader, type XmlElement } from '../../../../lib/vsphere/soap/soap-reader.ts';
import { FUZZING_MS, fuzzing } from './fuzzing.ts';
import { cutAt } from './xml-events.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/vsphere');
const RECORDED = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.xml'))
  .map((name) => readFileSync(join(FIXTURES, name)));

/** What may stand where something else stood: single bytes of every kind, and pieces of syntax. */
const INSERTED = [
  '<',
  '>',
  '/',
  '&',
  ';',
  '"',
  "'",
  ']',
  '\0',
  '\x80',
  '\xc3',
  '\xf0\x9f',
  '\xff',
  '\xed\xa0\x80',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '<?xml version="1.0"?>',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '&b;',
  '&#0;',
  '</val>',
  '<val>',
  ' xsi:type="xsd:int"',
  ' xmlns=""',
  '<objects>',
  '</objects>',
  '</soapenv:Envelope>',
  '<__proto__>',
  '%00',
];

interface Spoiling {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

const spoilings: fc.Arbitrary<Spoiling> = fc.record({
  at: fc.nat(20_000),
  remove: fc.oneof(fc.constantFrom(0, 1), fc.nat(40), fc.nat(3_000)),
  insert: fc.oneof(
    fc.constantFrom(...INSERTED).map((text) => Buffer.from(text, 'latin1')),
    fc.uint8Array({ maxLength: 4 }),
    // A piece of some answer, at another place.
    fc
      .record({ from: fc.constantFrom(...RECORDED), start: fc.nat(8_000), length: fc.nat(400) })
      .map(({ from, start, length }) => from.subarray(start, start + length)),
  ),
});

function spoil(bytes: Uint8Array, { at, remove, insert }: Spoiling): Uint8Array {
  const place = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
}

/** Reads all and decodes the objects; `failure` is what ended it. */
function readWhole(pieces: Iterable<Uint8Array>): { units: XmlElement[]; failure: unknown } {
  const reader = new SoapReader({ origin: 'Fuzz on vc', unitDepth: 4 });
  const units: XmlElement[] = [];
  try {
    for (const piece of pieces) units.push(...reader.push(piece));
    reader.end();
    for (const unit of units) if (unit.name === 'objects') toRetrievedObject(unit);
    return { units, failure: undefined };
  } catch (failure) {
    return { units, failure };
  }
}

describe('spoiled answers', () => {
  it(
    'are read or refused as a VsphereReplyError, the same whatever the borders of the chunks',
    () => {
      const answers = fc.constantFrom(...RECORDED);
      const all = fc.array(spoilings, { minLength: 1, maxLength: 6 });
      const cuts = fc.array(fc.nat(20_000), { maxLength: 20 });
      fc.assert(
        fc.property(answers, all, cuts, (answer, spoiled, borders) => {
          const bytes = spoiled.reduce(spoil, answer);
          const whole = readWhole([bytes]);
          expect(whole.failure === undefined || whole.failure instanceof VsphereReplyError).toBe(true);
          const cut = readWhole(cutAt(bytes, borders));
          expect(cut.units).toEqual(whole.units);
          expect(String(cut.failure)).toBe(String(whole.failure));
        }),
        fuzzing({ runs: 400 }),
      );
    },
    FUZZING_MS,
  );
});
