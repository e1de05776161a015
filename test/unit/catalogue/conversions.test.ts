import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTHING } from '../../../lib/catalogue/row.ts';
import {
  amountOf,
  boolean,
  counts,
  isOneOf,
  label,
  length,
  number,
  states,
  timestamp,
} from '../../../lib/catalogue/sources/conversions.ts';
import {
  computed,
  each,
  optional,
  property,
  when,
  whilePoweredOn,
} from '../../../lib/catalogue/sources/property.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import { retrieved } from '../collectors/subjects.ts';

const one = (value: number, ...labels: string[]) => [{ labels, value }];

describe('a number', () => {
  it('is taken by its factor, and from the digits of a long', () => {
    expect(number().toPoints(0)).toEqual(one(0));
    expect(number(2 ** 20).toPoints(3)).toEqual(one(3_145_728));
    expect(number().toPoints('9223372036854775807')).toEqual(one(2 ** 63));
  });

  it('that is -1 is no point, whatever the factor: vSphere has no data, or no limit', () => {
    expect(number().toPoints(-1)).toEqual([]);
    expect(number(2 ** 20).toPoints('-1')).toEqual([]);
    expect(number().toPoints(-2)).toEqual(one(-2));
  });

  it('that is -1 is no amount, nor is what is no number', () => {
    expect([-1, '-1', undefined, 'x'].map(amountOf)).toEqual([undefined, undefined, undefined, undefined]);
    expect([0, -2, '9223372036854775807'].map(amountOf)).toEqual([0, -2, 2 ** 63]);
  });

  it.each([[true], ['1e3'], [''], ['NaN'], [Number.NaN], [Number.POSITIVE_INFINITY], [[1]], [{}]])(
    'is not read from %j',
    (value) => {
      expect(number().toPoints(value as PropertyValue)).toBeUndefined();
    },
  );
});

describe('a timestamp', () => {
  it('keeps the microseconds that vSphere sends', () => {
    expect(timestamp.toPoints('2026-01-02T03:04:05.678901Z')).toEqual(one(1_767_323_045.678901));
    expect(timestamp.toPoints('1970-01-01T00:00:00Z')).toEqual(one(0));
  });

  it('is the number nearest to its digits, as other tools print it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e9 }),
        fc.integer({ min: 0, max: 999_999 }),
        (seconds, micros) => {
          const digits = String(micros).padStart(6, '0');
          const text = `${new Date(seconds * 1_000).toISOString().slice(0, 19)}.${digits}Z`;
          expect(timestamp.toPoints(text)).toEqual(one(Number(`${seconds}.${digits}`)));
        },
      ),
    );
  });

  it.each(['', 'yesterday', '2026-13-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00+01:00', 5])(
    'is not read from %j',
    (value) => {
      expect(timestamp.toPoints(value)).toBeUndefined();
    },
  );
});

describe('a state set', () => {
  const words = states(['on', 'off']);

  it('has a point a word, 1 for the one that is', () => {
    expect(words.toPoints('off')).toEqual([...one(0, 'on'), ...one(1, 'off')]);
  });

  it.each(['toString', '', 'ON', 1])('knows no %j', (value) => {
    expect(words.toPoints(value)).toBeUndefined();
    expect(words.expected).toBe('on, off');
  });
});

describe('counts of an array', () => {
  const found = counts(['ok', 'off', 'unknown'], (element) => (element as { state: string }).state);
  const of = (...states: string[]) => found.toPoints(states.map((state) => ({ state })));

  it('have a point a word, also for none, and what no word is of counts as the last', () => {
    expect(of('off', 'ok', 'off', 'later', 'toString')).toEqual([
      ...one(1, 'ok'),
      ...one(2, 'off'),
      ...one(2, 'unknown'),
    ]);
    expect(of()).toEqual([...one(0, 'ok'), ...one(0, 'off'), ...one(0, 'unknown')]);
    expect(found.toPoints('ok')).toBeUndefined();
  });
});

describe('other conversions', () => {
  it('take a boolean, a text, one of some words and an array, and nothing else', () => {
    expect([boolean.toPoints(true), boolean.toPoints(false)]).toEqual([one(1), one(0)]);
    expect(label.toPoints('x')).toEqual(one(1, 'x'));
    expect([isOneOf('a', 'b').toPoints('b'), isOneOf('a').toPoints('b')]).toEqual([one(1), one(0)]);
    expect([length.toPoints([]), length.toPoints(['a', 'b'])]).toEqual([one(0), one(2)]);
    for (const conversion of [boolean, label, isOneOf('a'), length])
      expect(conversion.toPoints(5)).toBeUndefined();
  });
});

describe('sources', () => {
  const denied = retrieved({}, { a: 'NoPermission' });
  const unknown = retrieved({}, { a: 'InvalidProperty' });
  const told = (text: string) => ({ points: [], warnings: [`a could not be read: ${text}`] });

  it('tell what was denied, whatever they make of it', () => {
    for (const source of [
      property('a', number()),
      optional('a', number(), one(0)),
      each('a', () => one(1)[0]),
      computed(['a', 'b'], () => one(1)),
    ])
      expect(source.evaluate(denied)).toEqual({ points: [], warnings: [], lacks: ['System.Read'] });
  });

  it('tell what this version does not know by its fault', () => {
    expect(property('a', number()).evaluate(unknown)).toEqual(told('InvalidProperty'));
  });

  it('tell once of what they go by', () => {
    const source = when('a', 'on', property('b', number()));
    expect(source.evaluate(denied)).toEqual({ points: [], warnings: [], lacks: ['System.Read'] });
    expect(source.evaluate(retrieved({ b: 1 }))).toEqual(NOTHING);
  });

  it('say nothing of what may be unset, and tell of what is always set', () => {
    expect(optional('a', number()).evaluate(retrieved({}))).toEqual(NOTHING);
    expect(optional('a', number(), one(0)).evaluate(retrieved({}))).toEqual({ points: one(0), warnings: [] });
    expect(each('a', () => one(1)[0]).evaluate(retrieved({}))).toEqual(NOTHING);
    expect(property('a', number()).evaluate(retrieved({}))).toEqual(told('vCenter sent no value'));
  });

  it('tell of a value that vSphere does not know', () => {
    const { points, warnings } = property('a', states(['on', 'off'])).evaluate(retrieved({ a: 'half' }));
    expect(points).toEqual([]);
    expect(warnings).toEqual(['a is none of on, off']);
  });

  it('give a point an element, and none for one of which nothing can be made', () => {
    const source = each('a', (element) => (element === 'odd' ? undefined : one(1, String(element))[0]));
    expect(source.evaluate(retrieved({ a: ['x', 'odd', 'y'] })).points).toEqual([
      ...one(1, 'x'),
      ...one(1, 'y'),
    ]);
    expect(source.evaluate(retrieved({ a: 'x' })).warnings).toEqual(['a is none of arrays']);
  });

  it('give nothing of an object that is not powered on, or of which that is not known', () => {
    const source = whilePoweredOn(property('a', number()));
    expect(source.needs).toEqual(['runtime.powerState', 'a']);
    expect(source.evaluate(retrieved({ a: 5, 'runtime.powerState': 'poweredOn' })).points).toEqual(one(5));
    for (const state of [{}, { 'runtime.powerState': 'poweredOff' }])
      expect(source.evaluate(retrieved({ a: 5, ...state }))).toEqual(NOTHING);
  });
});
