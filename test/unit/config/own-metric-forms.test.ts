import { describe, expect, it } from 'vitest';
import { only, own, ownMetric, series } from '../../../lib/config/own-metrics.ts';

interface Shape {
  safeParse(value: unknown): {
    readonly error?:
      | { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }
      | undefined;
  };
}

/** The first fault, as its place and what an operator reads; undefined where there is none. */
function faultOf(shape: Shape, value: unknown): string | undefined {
  const [issue] = shape.safeParse(value).error?.issues ?? [];
  return issue === undefined ? undefined : `${issue.path.join('.')}: ${issue.message}`;
}
const refused = (shape: Shape, what: string, rows: readonly (readonly [unknown, string])[]) =>
  it.each(rows)(`of ${what} is not %o, and it is said what to write`, (value, told) =>
    expect(faultOf(shape, value)).toBe(told),
  );
const many = (count: number) => Array.from({ length: count }, (_, index) => `word ${index}`);

const TEXTS = 'write a text, or a list of 1 to 1000 texts';
const TAGS = 'write a tag as category=name, such as Monitoring=yes, or a list of 1 to 1000';

describe('the form', () => {
  refused(ownMetric, 'an own metric', [
    ['no map', ': write a map with one of property, each, counter, esxcli and ssh'],
    [{ each: 1 }, 'each: write a type and the path of an array'],
    [{ ssh: 'uptime' }, 'ssh: write a list of arguments, such as [readlink, -f, /bootbank]'],
    [{ ssh: [true] }, 'ssh.0: write an argument, at most 1024 characters'],
    [{ ssh: ['x'.repeat(1_025)] }, 'ssh.0: write an argument, at most 1024 characters'],
    [{ value: 2 }, 'value: write a path inside an element, or 1'],
    [{ labels: 'nic' }, 'labels: write a map such as labels: { nic: device }'],
    [{ states: 'green' }, 'states: write a list of words, such as [green, yellow, red]'],
    [{ states: [] }, 'states: name at least one word'],
    [{ states: many(65) }, 'states: name at most 64 words'],
    [
      { test: 'green' },
      'test: write a map such as test: { equals: green }, with equals, matches, above or below',
    ],
    [{ test: { equals: [] } }, 'test.equals: write a text, a number, true or false'],
    [{ test: { above: 'x' } }, 'test.above: write a number'],
    [{ scale: '1/0' }, 'scale: write a number, or a fraction such as "1/20000", not divided by 0'],
    [{ instances: 'disk' }, 'instances: write a map such as instances: { label: disk, keep: "scsi*" }'],
    [{ instances: { label: 1 } }, 'instances.label: write the name of a label'],
    [{ instances: { label: '1' } }, 'instances.label: name a label with letters, digits and "_"'],
    [{ interval: '1h' }, 'interval: write 20s or 5m'],
    [{ every: 5 }, 'every: write a duration such as 15m'],
    [{ every: 'often' }, 'every: "often" is not a duration of 10s to 24h, such as 15m'],
    [{ every: '9s' }, 'every: write a duration of 10s to 24h, such as 15m'],
    [{ every: '25h' }, 'every: write a duration of 10s to 24h, such as 15m'],
    [{ max: 'all' }, 'max: write a number of elements'],
    [{ max: 0 }, 'max: use 1 to 10000'],
    [{ max: 10_001 }, 'max: use 1 to 10000'],
  ]);

  it.each([
    [{ ssh: ['uptime', -1, 2_000] }],
    [{ interval: '20s' }],
    [{ interval: '5m' }],
    [{ value: 1 }],
    [{ states: many(64) }],
    [{ scale: '-1/20000' }],
    [{ every: '10s' }],
    [{ every: '24h' }],
    [{ max: 10_000 }],
  ])('of an own metric may be %o', (value) => {
    expect(faultOf(ownMetric, value)).toBeUndefined();
  });

  refused(own, 'all own metrics', [
    ['x', ': write a map of metrics by their names'],
    [
      { '1st': {} },
      '1st: is no name of a metric; write a name of at most 200 letters, digits and "_", not beginning with a digit',
    ],
  ]);

  refused(only, 'what they are about', [
    ['prod', ': write a map such as only: { cluster: "prod-*" }, with folder, tag, cluster or name'],
    [{ cluster: 1 }, `cluster: ${TEXTS}`],
    [{ cluster: [] }, `cluster: ${TEXTS}`],
    [{ cluster: [1] }, `cluster: ${TEXTS}`],
    [{ cluster: many(1_001) }, `cluster: ${TEXTS}`],
    [{ tag: 'Monitoring' }, `tag: ${TAGS}`],
    [{ tag: '=yes' }, `tag: ${TAGS}`],
    [{ tag: ['Monitoring=yes', 'Monitoring'] }, `tag.1: ${TAGS}`],
    [{ tag: [] }, `tag: ${TAGS}`],
    [{ tag: many(1_001).map((word) => `${word}=yes`) }, `tag: ${TAGS}`],
  ]);

  it.each([
    [{ cluster: many(1_000) }],
    [{ tag: many(1_000).map((word) => `${word}=yes`) }],
    [{ tag: 'a=b' }],
  ])('of what they are about may be %o', (value) => expect(faultOf(only, value)).toBeUndefined());

  refused(series, 'their number of series', [
    ['many', ': write a number of series'],
    [0, ': use 1 to 1000000'],
    [1_000_001, ': use 1 to 1000000'],
  ]);

  const FORMS = [
    [
      'the name of a metric',
      (name: string) => faultOf(own, { [name]: {} }),
      ['a', '_', 'Z9_z', `a${'0'.repeat(199)}`],
      ['', '9a', 'a-b', 'a b', ' a', 'a ', 'a:b', `a${'0'.repeat(200)}`],
    ],
    [
      'a label of a metric',
      (name: string) => faultOf(ownMetric, { labels: { [name]: 'a' } }),
      ['a', '_', 'Z9_z', `a${'0'.repeat(99)}`],
      ['', '9a', 'a-b', 'a b', ' a', 'a ', `a${'0'.repeat(100)}`],
    ],
    [
      'a fraction',
      (scale: string) => faultOf(ownMetric, { scale }),
      [
        '1/2',
        '-1.5/20.25',
        '0/1',
        '1/0.5',
        '1/10',
        '1/00.10',
        `${'9'.repeat(15)}.${'9'.repeat(9)}/${'9'.repeat(15)}.${'9'.repeat(9)}`,
      ],
      [
        '',
        '1',
        '1/',
        '/2',
        '1/0',
        '1/00',
        '1/0.0',
        '1/00.00',
        '1/-2',
        '--1/2',
        '+1/2',
        'x1/2',
        '1/2x',
        ' 1/2',
        '1/2 ',
        '1./2',
        '1/2.',
        '.5/2',
        '1,5/2',
        '1a/2',
        '1/a',
        '1.a/2',
        '1/2.a',
        `${'9'.repeat(16)}/1`,
        `1/${'9'.repeat(16)}`,
        `1.${'9'.repeat(10)}/1`,
        `1/1.${'9'.repeat(10)}`,
      ],
    ],
    [
      'a tag',
      (tag: string) => faultOf(only, { tag }),
      ['a=b', 'a b=c=d', `a=${'b'.repeat(1_022)}`],
      ['', 'a', '=', '=b', 'a=', '==b', 'a=b\nc', '\na', `a=${'b'.repeat(1_023)}`],
    ],
  ] as const;
  it.each(FORMS)('of %s is taken and refused at its edges', (_what, fault, taken, refusedOnes) => {
    expect(taken.filter((one) => fault(one) !== undefined)).toEqual([]);
    expect(refusedOnes.filter((one) => fault(one) === undefined)).toEqual([]);
  });
});
