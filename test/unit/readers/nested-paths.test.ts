import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outermost, withNested } from '../../../lib/readers/nested-paths.ts';
import type { PropertyValue, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { retrieved } from '../collectors/subjects.ts';

describe('paths of which one is below another', () => {
  it('are asked for once, by the outer one', () => {
    expect(outermost(['summary.totalCpu', 'name', 'summary', 'summaryEx', 'summary.a.b'])).toEqual([
      'name',
      'summary',
      'summaryEx',
    ]);
  });

  it('are all asked for when one goes through an array by a key: a whole array does not have its form', () => {
    const paths = ['config.option', 'config.option["a"].value'];
    expect(outermost(paths)).toEqual(paths);
    expect(outermost(['config', 'config.option["a"].value'])).toEqual(['config', 'config.option["a"].value']);
  });

  it('are missing with the outer one, for its reason', () => {
    const object = retrieved({ name: 'c1' }, { summary: 'NoPermission' });
    const { missing, properties } = withNested(['name', 'summary', 'summary.totalCpu'])(object);
    expect(Object.fromEntries(missing)).toEqual({
      summary: 'NoPermission',
      'summary.totalCpu': 'NoPermission',
    });
    expect([...properties.keys()]).toEqual(['name']);
  });

  it('leave an object as it is where none is below another', () => {
    const object = retrieved({ name: 'c1', 'summary.totalCpu': 5 });
    expect(withNested(['name', 'summary.totalCpu'])(object)).toBe(object);
  });

  /** A server that answers exactly what it is asked for. */
  const ask = (whole: PropertyValue, paths: readonly string[]): RetrievedObject =>
    retrieved(
      Object.fromEntries(
        paths.flatMap((path) => {
          const value = path
            .split('.')
            .slice(1)
            .reduce<PropertyValue | undefined>(
              (at, step) => (at as Record<string, PropertyValue> | undefined)?.[step],
              whole,
            );
          return value === undefined ? [] : [[path, value]];
        }),
      ),
    );

  it('give what each of them would have given by itself', () => {
    const step = fc.constantFrom('a', 'b', 'c');
    const path = fc.array(step, { maxLength: 2 }).map((steps) => ['summary', ...steps].join('.'));
    const leaf = fc.dictionary(step, fc.dictionary(step, fc.integer()));
    fc.assert(
      fc.property(leaf, fc.uniqueArray(path, { maxLength: 6 }), (whole, paths) => {
        const found = withNested(paths)(ask(whole, outermost(paths)));
        expect(found.properties).toEqual(ask(whole, paths).properties);
      }),
    );
  });
});
