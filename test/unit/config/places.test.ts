import { describe, expect, it } from 'vitest';
import { parseYamlWithPlaces } from '../../../lib/config/parse-config.ts';

const TEXT = `targets:
  - name: vc01
    tls: &pin { sha256: [AB] }
  - { name: vc02, tls: *pin }
esxi:
  overrides:
    esx.example.org: a
    esx.example.org[1]: b
`;

describe('the place of a fault', () => {
  const { placeOf } = parseYamlWithPlaces(TEXT, 'vsweep.yaml');
  it.each<[string, [number, number] | undefined]>([
    ['targets', [1, 1]],
    ['targets[0]', [2, 5]],
    ['targets[0].name', [2, 5]],
    ['targets[1].name', [4, 7]],
    // Through an alias to what it stands for.
    ['targets[1].tls.sha256', [3, 17]],
    // What is missing is told at what it is missing in.
    ['targets[1].url', [4, 5]],
    ['targets[7].url', [1, 1]],
    ['esxi.credentials', [5, 1]],
    // A key may hold dots and brackets.
    ['esxi.overrides.esx.example.org', [7, 5]],
    ['esxi.overrides.esx.example.org[1]', [8, 5]],
    ['', undefined],
    ['sweeps', undefined],
  ])('of %s is %j', (path, place) => {
    expect(placeOf(path)).toEqual(place && { line: place[0], column: place[1] });
  });

  it('has a hint where its own line has a character that is hard to see, not where the next one has', () => {
    const { placeOf: place } = parseYamlWithPlaces('a: 1\nb: 2\u00a03\nc: 4\n', 'vsweep.yaml');
    expect(place('a')).toEqual({ line: 1, column: 1 });
    expect(place('b')).toEqual({ line: 2, column: 1, hint: expect.any(String) });
    expect(place('c')).toEqual({ line: 3, column: 1 });
  });
});

it('a byte order mark is part of a value, but for one at the beginning', () => {
  const { raw } = parseYamlWithPlaces('\ufeffa: "x\ufeffy"\n', 'vsweep.yaml');
  expect(raw).toEqual({ a: 'x\ufeffy' });
  expect(parseYamlWithPlaces('a: "x\ufeffy"\n', 'vsweep.yaml').raw).toEqual({ a: 'x\ufeffy' });
});
