import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VsphereReplyError } from '../../../../lib/vsphere/errors.ts';
import { RetrievedObjectBuilder } from '../../../../lib/vsphere/property/retrieval-reply.ts';
import { SoapReader } from '../../../../lib/vsphere/soap/soap-reader.ts';
import { ElementBuilder, type UnitBuilder } from '../../../../lib/vsphere/soap/unit-builder.ts';
import { objectOf } from '../element-oracle.ts';
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

/** Reads all; `failure` is what ended it. */
function readWhole<Unit>(
  pieces: Iterable<Uint8Array>,
  builder: UnitBuilder<Unit>,
): { units: Unit[]; failure: unknown } {
  const reader = new SoapReader({ origin: 'Fuzz on vc', unitDepth: 4 }, builder);
  const units: Unit[] = [];
  try {
    for (const piece of pieces) units.push(...reader.push(piece));
    reader.end();
    return { units, failure: undefined };
  } catch (failure) {
    return { units, failure };
  }
}

/** By whole elements, of which the objects are made then. */
function readByElements(bytes: Uint8Array): ReturnType<typeof readWhole> {
  const { units, failure } = readWhole([bytes], new ElementBuilder());
  const made: unknown[] = [];
  try {
    for (const unit of units) made.push(unit.name === 'objects' ? objectOf(unit) : unit);
    return { units: made, failure };
  } catch (ofObject) {
    return { units: made, failure: ofObject };
  }
}

describe('spoiled answers', () => {
  it(
    'are read or refused as a VsphereReplyError, the same whatever the borders of the chunks, and as by whole elements',
    () => {
      const answers = fc.constantFrom(...RECORDED);
      const all = fc.array(spoilings, { minLength: 1, maxLength: 6 });
      const cuts = fc.array(fc.nat(20_000), { maxLength: 20 });
      fc.assert(
        fc.property(answers, all, cuts, (answer, spoiled, borders) => {
          const bytes = spoiled.reduce(spoil, answer);
          const whole = readWhole([bytes], new RetrievedObjectBuilder());
          expect(whole.failure === undefined || whole.failure instanceof VsphereReplyError).toBe(true);
          for (const again of [
            readWhole(cutAt(bytes, borders), new RetrievedObjectBuilder()),
            readByElements(bytes),
          ]) {
            expect(again.units).toEqual(whole.units);
            expect(String(again.failure)).toBe(String(whole.failure));
          }
        }),
        fuzzing({ runs: 400 }),
      );
    },
    FUZZING_MS,
  );
});
