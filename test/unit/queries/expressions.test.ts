import { describe, expect, it } from 'vitest';
import { findExpressions } from '../../../lib/queries/expressions.ts';

const namesIn = (document: unknown) =>
  findExpressions(document).expressions.map(({ of, text }) => `${of}: ${text}`);
const target = (expr: string) => ({ targets: [{ expr, refId: 'A' }] });
const PROMETHEUS = { type: 'prometheus', uid: `\${DS}` };

describe('the expressions of rules', () => {
  it('are those of alerts and recording rules, of a rule file and of a PrometheusRule', () => {
    const groups = [
      {
        name: 'g',
        rules: [
          { alert: 'A', expr: 'a' },
          { record: 'r', expr: 'b' },
        ],
      },
    ];
    const expected = ['alert A: a', 'recording rule r: b'];
    expect(namesIn({ groups })).toEqual(expected);
    expect(namesIn([{ kind: 'PrometheusRule', spec: { groups } }])).toEqual(expected);
    expect(findExpressions({ groups }).expressions[1]).toMatchObject({ kind: 'record', name: 'r' });
  });

  it("are those of Grafana's own alerts", () => {
    const rules = [{ title: 'Down', data: [{ refId: 'A', model: { datasource: PROMETHEUS, expr: 'a' } }] }];
    expect(namesIn({ apiVersion: 1, groups: [{ rules }] })).toEqual(['panel Down: a']);
  });
});

describe('the expressions of a dashboard', () => {
  it('are those of panels in rows, in rows of rows, and of the oldest dashboards', () => {
    const row = {
      type: 'row',
      title: 'R',
      panels: [
        { title: 'P', ...target('b') },
        { type: 'row', panels: [{ title: 'Q', ...target('c') }] },
      ],
    };
    expect(namesIn({ panels: [{ title: 'O', ...target('a') }, row] })).toEqual([
      'panel O: a',
      'panel P: b',
      'panel Q: c',
    ]);
    expect(namesIn({ rows: [{ title: 'R', panels: [{ title: 'P', ...target('a') }] }] })).toEqual([
      'panel P: a',
    ]);
  });

  it('are those of library panels that the file has; others are a problem', () => {
    const library = { uid: 'lib-1', name: 'CPU' };
    const element = { 'lib-1': { ...library, kind: 1, model: { title: 'CPU', ...target('a') } } };
    expect(findExpressions({ __elements: element, panels: [{ libraryPanel: library }] })).toMatchObject({
      expressions: [{ of: 'panel CPU', text: 'a' }],
      problems: [],
    });
    expect(
      namesIn({ panels: [{ libraryPanel: { ...library, model: { title: 'CPU', ...target('a') } } }] }),
    ).toEqual(['panel CPU: a']);
    expect(findExpressions({ panels: [{ libraryPanel: library }] }).problems).toEqual([
      expect.stringContaining('"CPU"'),
    ]);
  });

  it('are those of annotations, and of the newest schema', () => {
    expect(
      namesIn({ title: 'D', annotations: { list: [{ name: 'x', datasource: PROMETHEUS, expr: 'a' }] } }),
    ).toEqual(['panel D: a']);
    const query = { kind: 'PanelQuery', spec: { query: { kind: 'prometheus', spec: { expr: 'a' } } } };
    const spec = { title: 'P', data: { kind: 'QueryGroup', spec: { queries: [query] } } };
    const variable = {
      kind: 'QueryVariable',
      spec: { name: 'host', query: { kind: 'prometheus', spec: { query: 'label_values(b, host)' } } },
    };
    expect(
      namesIn({ spec: { elements: { 'panel-1': { kind: 'Panel', spec } }, variables: [variable] } }),
    ).toEqual(['panel P: a', 'variable host: b']);
  });

  it.each([
    ['label_values(up{job="$job"}, instance)', [{ text: 'up{job="$job"}', label: 'instance' }]],
    [{ qryType: 1, query: 'label_values(up,instance)', refId: 'x' }, [{ text: 'up', label: 'instance' }]],
    ['query_result(max by (a, b) (up))', [{ text: 'max by (a, b) (up)' }]],
    ['label_values(instance)', []],
    ['label_names()', []],
    ['metrics(vmware_.*)', []],
    ['label_values({a="b, c"}, instance)', [{ text: '{a="b, c"}', label: 'instance' }]],
  ])('are those of its variables: %j', (query, expected) => {
    const list = [{ name: 'v', type: 'query', datasource: PROMETHEUS, query }];
    expect(findExpressions({ templating: { list } }).expressions).toMatchObject(expected);
    expect(findExpressions({ templating: { list } }).expressions).toHaveLength(expected.length);
  });

  it('are not those for another database, which are counted', () => {
    const panel = {
      datasource: { type: 'loki' },
      targets: [{ expr: '{job="x"} |= "y"' }, { datasource: PROMETHEUS, expr: 'a' }],
    };
    expect(findExpressions({ panels: [panel] })).toMatchObject({
      expressions: [{ text: 'a' }],
      otherDatabases: 1,
    });
    expect(namesIn({ panels: [{ datasource: `\${DS_PROMETHEUS}`, ...target('a') }] })).toEqual([
      'panel (untitled): a',
    ]);
    expect(
      namesIn({ panels: [{ datasource: { type: 'datasource', uid: '-- Mixed --' }, ...target('a') }] }),
    ).toHaveLength(1);
  });
});

describe('an expression', () => {
  it.each([
    ['prometheus', 1],
    ['loki', 0],
    ['grafana-amazonprometheus-datasource', 1],
    ['datasource', 1],
    ['$type', 1],
    ['', 1],
  ])('is asked of Prometheus by a datasource of the type %j: %d', (type, count) => {
    const found = findExpressions({ datasource: { type }, panels: [target('a'), target('b')] });
    expect([found.expressions.length, found.otherDatabases]).toEqual(count === 1 ? [2, 0] : [0, 2]);
  });

  it('stands with what it is for', () => {
    const list = [
      { name: 'v', type: 'query', definition: 'label_values(a, $b)' },
      { type: 'query', query: { query: ' query_result( c )\n' } },
      { name: 'no', type: 'custom', query: 'label_values(a, b)' },
      { name: 'w', type: 'query', query: ' label_values ( d , "e.f" ) ' },
      { name: 'x', type: 'query', query: 'label_values( , e)' },
      { name: 'y', type: 'query', query: 'see label_values(d, e)' },
      { name: 'z', type: 'query', query: 'query_result(d) and more' },
      { name: 'z', type: 'query', query: 'see query_result(d)' },
    ];
    const rules = [{ alert: ' ', record: 'r', expr: ' a ' }];
    expect(findExpressions([{ templating: { list } }, { rules }, { title: ' ', expr: 'x' }])).toEqual({
      expressions: [
        { of: 'variable v', kind: 'variable', text: 'a', label: '$b' },
        { of: 'variable ', kind: 'variable', text: 'c' },
        { of: 'variable w', kind: 'variable', text: 'd', label: 'e.f' },
        { of: 'recording rule r', kind: 'record', name: 'r', text: ' a ' },
        { of: 'panel (untitled)', kind: 'panel', text: 'x' },
      ],
      otherDatabases: 0,
      problems: [],
    });
  });

  it('of a library panel that is elsewhere is a problem, once for each panel', () => {
    const at = (libraryPanel: unknown, more = {}) => findExpressions({ panels: [{ libraryPanel, ...more }] });
    const message = (name: string) => [
      `the library panel "${name}" is not in the file: export the dashboard for sharing externally`,
    ];
    expect(at({ uid: 'u-1' }).problems).toEqual(message('u-1'));
    expect(at({ uid: 'u-1', name: 'CPU' }).problems).toEqual(message('CPU'));
    expect(at({ name: 'CPU' }).problems).toEqual([]);
    expect(at({ uid: 'u-1' }, { targets: [] }).problems).toEqual([]);
    const twice = [{ libraryPanel: { uid: 'u' } }, { libraryPanel: { uid: 'u' } }];
    expect(findExpressions({ panels: twice }).problems).toEqual(message('u'));
  });
});

describe('a hostile file', () => {
  it('ends at a bound, however deep or wide it is, with a problem', () => {
    let deep: unknown = target('a');
    for (let depth = 0; depth < 10_000; depth += 1) deep = { panels: [deep] };
    expect(findExpressions(deep)).toMatchObject({
      expressions: [],
      problems: [
        'larger or nested more deeply than any rule file or dashboard; only its first part was read',
      ],
    });
    const wide = findExpressions({ panels: Array.from({ length: 30_000 }, () => target('a')) });
    expect(wide.problems).toHaveLength(1);
    expect(wide.expressions.length).toBe(20_001);
  });

  it('may be nested 100 deep', () => {
    const nested = (depth: number) => {
      let one: unknown = { expr: 'a' };
      for (let above = 0; above < depth; above += 1) one = [one];
      return findExpressions(one);
    };
    expect(nested(100)).toMatchObject({ expressions: [{ text: 'a' }], problems: [] });
    expect(nested(101)).toMatchObject({ expressions: [], problems: [expect.stringContaining('nested')] });
  });

  it('has no expression where a text should be', () => {
    const odd = [
      null,
      1,
      'x',
      { expr: 3 },
      { expr: '' },
      { expr: { a: 1 } },
      { type: 'query', query: 4 },
      { libraryPanel: [] },
      { title: [], expr: 'a' },
    ];
    expect(namesIn(odd)).toEqual(['panel (untitled): a']);
  });
});
