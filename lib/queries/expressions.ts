/** Where an expression stands, and what it is for. */
export interface Expression {
  /** `alert HostDown`, `panel CPU`, `variable host`, `recording rule job:up:sum`. */
  readonly of: string;
  readonly kind: 'alert' | 'record' | 'panel' | 'variable';
  /** What a recording rule names. */
  readonly name?: string;
  readonly text: string;
  /** The label whose values a variable lists. */
  readonly label?: string;
}

/** What was found in a file, and what of it could not be judged. */
export interface Found {
  readonly expressions: readonly Expression[];
  /** How many are for another database, such as Loki. */
  readonly otherDatabases: number;
  readonly problems: readonly string[];
}

/** What is found while a file is walked. */
interface Finds {
  readonly expressions: Expression[];
  readonly problems: Set<string>;
  otherDatabases: number;
}

/** A file with more is not one that somebody wrote. */
const MAX_EXPRESSIONS = 20_000;
const MAX_NODES = 2_000_000;
const MAX_DEPTH = 100;

/** What an object inherits from those around it. */
interface Around {
  readonly depth: number;
  readonly title: string;
  readonly datasource: unknown;
  /** The outermost object, where a dashboard has its library panels. */
  readonly file: Fields;
}
type Fields = Readonly<Record<string, unknown>>;

/**
 * All expressions of a parsed file: rule files of Prometheus, also in a PrometheusRule; dashboards of Grafana with rows
 * in any depth, library panels that the file has (`__elements`, or `model`), variables and annotations; rules of Grafana.
 * An expression is found by its field, `expr`, wherever it stands, so no version of a format has to be known.
 */
export function findExpressions(document: unknown): Found {
  const finds: Finds = { expressions: [], problems: new Set(), otherDatabases: 0 };
  const { expressions, problems } = finds;
  const stack: { value: unknown; around: Around }[] = [
    { value: document, around: { depth: 0, title: '', datasource: undefined, file: fieldsOf(document) } },
  ];
  for (let nodes = 0; stack.length > 0; nodes += 1) {
    const { value, around } = stack.pop() ?? { value: undefined, around: undefined };
    if (typeof value !== 'object' || value === null || around === undefined) continue;
    if (nodes > MAX_NODES || expressions.length > MAX_EXPRESSIONS || around.depth > MAX_DEPTH) {
      problems.add(
        'larger or nested more deeply than any rule file or dashboard; only its first part was read',
      );
      continue;
    }
    const inside = Array.isArray(value) ? around : readObject(value as Fields, around, finds);
    const below = { ...inside, depth: around.depth + 1 };
    // The last one is taken next: in reverse, they come in the order of the file.
    for (const one of Object.values(value).toReversed()) stack.push({ value: one, around: below });
  }
  return { ...finds, problems: [...problems] };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

function readObject(fields: Fields, around: Around, finds: Finds): Around {
  const title = textOf(fields['title']) ?? around.title;
  const datasource = fields['datasource'] ?? around.datasource;
  const found = [...ruleOrPanelIn(fields, title), ...variableIn(fields)];
  if (isPrometheus(datasource)) finds.expressions.push(...found);
  else finds.otherDatabases += found.length;
  const library = fieldsOf(fields['libraryPanel']);
  const isElsewhere = library['model'] === undefined && fields['targets'] === undefined;
  if (textOf(library['uid']) !== undefined && isElsewhere && !('__elements' in around.file))
    finds.problems.add(
      `the library panel "${textOf(library['name']) ?? library['uid']}" is not in the file: export the dashboard for sharing externally`,
    );
  return { ...around, title, datasource };
}

function ruleOrPanelIn(fields: Fields, title: string): Expression[] {
  const [text, alert, record] = ['expr', 'alert', 'record'].map((name) => textOf(fields[name]));
  if (text === undefined) return [];
  if (alert !== undefined) return [{ of: `alert ${alert}`, kind: 'alert', text }];
  if (record !== undefined) return [{ of: `recording rule ${record}`, kind: 'record', name: record, text }];
  return [{ of: `panel ${title || '(untitled)'}`, kind: 'panel', text }];
}

/** What Loki or another database is asked is not PromQL. A name or a variable in place of a type says nothing. */
function isPrometheus(datasource: unknown): boolean {
  const type = textOf(fieldsOf(datasource)['type']);
  return type === undefined || type.includes('$') || type === 'datasource' || /prometheus/.test(type);
}

const QUERY_OF_VALUES = /^\s*label_values\s*\(([\s\S]*),\s*"?([a-zA-Z_][\w.]*|\$\w+)"?\s*\)\s*$/;
const QUERY_OF_RESULT = /^\s*query_result\s*\(([\s\S]*)\)\s*$/;

/** A variable of a dashboard that asks Prometheus: `label_values(series, label)` or `query_result(expression)`. */
function variableIn(fields: Fields): Expression[] {
  const spec = fieldsOf(fields['spec']);
  const written = fields['type'] === 'query' ? fields : fields['kind'] === 'QueryVariable' ? spec : undefined;
  if (written === undefined) return [];
  const query = written['query'];
  const inside = fieldsOf(fieldsOf(query)['spec'] ?? query);
  const text = textOf(query) ?? textOf(inside['query']) ?? textOf(written['definition']);
  const of = `variable ${textOf(written['name']) ?? ''}`;
  const [, series, label = ''] = QUERY_OF_VALUES.exec(text ?? '') ?? [];
  if (series !== undefined && series.trim() !== '')
    return [{ of, kind: 'variable', text: series.trim(), label }];
  const [, expression] = QUERY_OF_RESULT.exec(text ?? '') ?? [];
  return expression === undefined ? [] : [{ of, kind: 'variable', text: expression.trim() }];
}
