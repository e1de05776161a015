/** One series of an exposition, with the help and type of its family where the text gives them. */
export interface ParsedSeries {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
  readonly help?: string;
  readonly type?: string;
}

interface ParsedFamily {
  readonly name: string;
  help?: string;
  type?: string;
}

/**
 * Parses Prometheus' text format 0.0.4 strictly, as a peer of our own printer. Throws, with the line, on whatever
 * the Pushgateway or promtool would refuse: a last line without `\n`, timestamps, repeated or scattered families,
 * HELP or TYPE after samples, equal series, unknown escapes, malformed names.
 */
export function parseExposition(text: string): ParsedSeries[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end in \\n');
  const families = new Map<string, ParsedFamily>();
  const series = new Map<
    string,
    { family: ParsedFamily; labels: Record<string, string>; value: number; name: string }
  >();
  let current: ParsedFamily | undefined;
  let hasSamples = false;

  function enter(name: string): ParsedFamily {
    if (current?.name === name) return current;
    if (families.has(name)) throw new Error(`the lines of ${name} are scattered`);
    current = { name };
    hasSamples = false;
    families.set(name, current);
    return current;
  }

  function readComment(comment: string): void {
    const [, keyword, name, rest] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/s.exec(comment) ?? [];
    if (keyword === undefined || name === undefined || rest === undefined)
      throw new Error('malformed comment');
    const family = enter(name);
    const part = keyword === 'HELP' ? 'help' : 'type';
    if (family[part] !== undefined) throw new Error(`a second ${keyword}`);
    if (hasSamples) throw new Error(`${keyword} after samples`);
    if (part === 'type' && !TYPES.includes(rest)) throw new Error(`unknown type ${rest}`);
    family[part] = part === 'help' ? unquote(rest, '\\n') : rest;
  }

  function readSample(line: string): void {
    const { name, labels, value } = parseSample(line);
    const family = current !== undefined && isSampleOf(current, name) ? current : enter(name);
    hasSamples = true;
    const key = JSON.stringify([name, Object.entries(labels).sort()]);
    if (series.has(key)) throw new Error('the same series a second time');
    series.set(key, { family, name, labels, value });
  }

  for (const [index, line] of text.split('\n').entries()) {
    try {
      if (line.startsWith('#')) readComment(line);
      else if (line !== '') readSample(line);
    } catch (error) {
      throw new Error(`line ${index + 1}: ${(error as Error).message}: ${line}`, { cause: error });
    }
  }
  return Array.from(series.values(), ({ family: { help, type }, ...one }) => ({
    ...one,
    ...(help === undefined ? {} : { help }),
    ...(type === undefined ? {} : { type }),
  }));
}

const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];
/** A label with its value, and what stands before the next one or ends the list. */
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(,|$)/y;
const VALUE = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;

function isSampleOf(family: ParsedFamily, name: string): boolean {
  const suffixes = { histogram: ['_bucket', '_sum', '_count'], summary: ['_sum', '_count'] }[
    family.type ?? ''
  ];
  return name === family.name || (suffixes ?? []).some((suffix) => name === family.name + suffix);
}

function parseSample(line: string): Pick<ParsedSeries, 'name' | 'labels' | 'value'> {
  const [, name, , labels = '', value] = /^([a-zA-Z_:][\w:]*)(\{(.*)\})? ([^ "}]+)$/s.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error('malformed sample, or one with a timestamp');
  if (!VALUE.test(value)) throw new Error(`malformed value ${value}`);
  return { name, labels: parseLabels(labels), value: Number(value.replace('Inf', 'Infinity')) };
}

function parseLabels(text: string): Record<string, string> {
  const labels = new Map<string, string>();
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex;
    const [, label, value] = LABEL.exec(text) ?? [];
    if (label === undefined || value === undefined) throw new Error(`malformed labels at ${text.slice(at)}`);
    if (labels.has(label)) throw new Error(`the label ${label} a second time`);
    labels.set(label, unquote(value, '\\n"'));
  }
  return Object.fromEntries(labels);
}

/** `allowed` holds what may follow a backslash. */
function unquote(text: string, allowed: string): string {
  return text.replace(/\\(.?)/gs, (sequence, character: string) => {
    if (character === '' || !allowed.includes(character)) throw new Error(`unknown escape ${sequence}`);
    return character === 'n' ? '\n' : character;
  });
}
