import { describe, expect, it } from 'vitest';
import { coverageOf } from '../../../lib/queries/coverage.ts';
import { knownSeries } from '../../../lib/queries/known-series.ts';

const KNOWN = knownSeries([]);
const covered = (...texts: string[]) =>
  coverageOf(
    texts.map((text, index) => ({ file: `file-${index}`, text })),
    KNOWN,
    [],
  );
const problemsOf = (text: string) => covered(text)[0]?.problems;
const RULES = `
groups:
- rules:
  - { alert: Down, expr: vmware_host_maintenance_mode }
  - { record: a_record, expr: vmware_host_connected == 1 }
`;
const dashboard = (query: object) =>
  JSON.stringify({ title: 'D', templating: { list: [{ type: 'query', name: 'v', ...query }] } });

describe('the coverage of a file', () => {
  it('has each expression with its finding, an alert as one that fires, a variable by its label', () => {
    const query = 'label_values(vmware_host_connected, moon)';
    expect(covered(RULES, dashboard({ query }))).toEqual([
      {
        file: 'file-0',
        otherDatabases: 0,
        problems: [],
        expressions: [
          {
            kind: 'alert',
            of: 'alert Down',
            text: 'vmware_host_maintenance_mode',
            series: [{ name: 'vmware_host_maintenance_mode', from: 'vsweep' }],
            findings: [{ kind: 'always-fires', message: expect.stringContaining('is one of 0, 1') }],
          },
          {
            kind: 'record',
            of: 'recording rule a_record',
            name: 'a_record',
            text: 'vmware_host_connected == 1',
            series: [{ name: 'vmware_host_connected', from: 'vsweep' }],
            findings: [],
          },
        ],
      },
      {
        file: 'file-1',
        otherDatabases: 0,
        problems: [],
        expressions: [
          {
            kind: 'variable',
            of: 'variable v',
            text: 'vmware_host_connected',
            label: 'moon',
            series: [{ name: 'vmware_host_connected', from: 'vsweep' }],
            findings: [{ kind: 'no-such-label', message: expect.stringContaining('the values of moon') }],
          },
        ],
      },
    ]);
  });

  it('knows the recording rules of all files', () => {
    const [asks] = covered(dashboard({ query: 'query_result(a_record)' }), RULES);
    expect(asks?.expressions[0]?.series).toEqual([{ name: 'a_record', from: 'recording rule' }]);
  });

  it.each(['job', 'instance', 'vsweep_part', '__name__', 'region'])('knows that %s is added', (label) => {
    const text = dashboard({ query: `query_result(sum by (${label}) (vmware_host_connected))` });
    const [one] = coverageOf([{ file: 'x', text }], KNOWN, ['region']);
    expect(one?.expressions.map(({ findings }) => findings)).toEqual([[]]);
    const [other] = coverageOf([{ file: 'x', text: text.replace(label, 'moon') }], KNOWN, ['region']);
    expect(other?.expressions[0]?.findings).toHaveLength(1);
  });
});

describe('a file that cannot be judged', () => {
  const NO_EXPRESSION = ['no rule file and no dashboard: it has no `expr`'];
  const NO_FILE = ['neither JSON nor YAML'];

  it.each([
    ['{}', NO_EXPRESSION],
    ['', NO_EXPRESSION],
    ['a text', NO_EXPRESSION],
    ['{ "a": ', NO_FILE],
    [' [1, ]', NO_FILE],
    ['a: [', NO_FILE],
    ['a: b: c', NO_FILE],
    ['---\na: 1\n---\nb: [', NO_FILE],
  ])('has a problem instead of an error: %j', (text, problems) => {
    expect(covered(text)).toEqual([{ file: 'file-0', expressions: [], otherDatabases: 0, problems }]);
  });

  it('is one with expressions for another database alone, which is no problem', () => {
    const text = JSON.stringify({
      datasource: { type: 'loki' },
      panels: [{ targets: [{ expr: '{a="b"}' }] }],
    });
    expect(covered(text)).toEqual([{ file: 'file-0', expressions: [], otherDatabases: 1, problems: [] }]);
  });

  it('keeps the problem of one without expressions', () => {
    const text = JSON.stringify({ panels: [{ libraryPanel: { uid: 'u', name: 'CPU' } }] });
    expect(problemsOf(text)).toEqual([expect.stringContaining('library panel "CPU"')]);
  });

  it('is one of more than 1 MB of YAML; JSON may be larger', () => {
    const comment = (length: number) => `#${'x'.repeat(length - RULES.length - 1)}${RULES}`;
    expect(problemsOf(comment(1_000_000))).toEqual([]);
    expect(problemsOf(comment(1_000_001))).toEqual([
      'more than 1 MB of YAML; split the file, or write it as JSON',
    ]);
    const large = JSON.stringify({ expr: 'up', x: 'x'.repeat(1_000_001) });
    expect(problemsOf(`\n ${large}`)).toEqual([]);
  });

  it('is one with more than 100 aliases', () => {
    const aliases = (count: number) =>
      `a: &x 1\nb: &y 2\nc: [${Array(50).fill('*x').join(', ')}, ${Array(count - 50)
        .fill('*y')
        .join(', ')}]\n${RULES}`;
    expect(problemsOf(aliases(100))).toEqual([]);
    expect(problemsOf(aliases(101))).toEqual(NO_FILE);
  });

  it('is none with a key that stands twice, or with several documents', () => {
    expect(problemsOf(`a: 1\na: 2\n${RULES}`)).toEqual([]);
    expect(covered(`a: 1\n---\n${RULES}`)[0]?.expressions).toHaveLength(2);
  });
});
