/**
 * What Grafana puts into a query before it sends it: `$name`, `${name}`, `${name:format}`, `[[name]]`
 * (Grafana's docs, "Variable syntax"). What a variable holds is not known here, so each becomes something that PromQL
 * parses and that is told apart from what was written.
 */
const VARIABLE = /\$\{[^}]{1,200}\}|\[\[[^\][]{1,200}\]\]|\$\w+/y;

/** Part of a name or of a text that a variable fills. */
const PLACEHOLDER = '__grafana_variable__';
export const hasVariable = (text: string): boolean => text.includes(PLACEHOLDER);

/** An aggregation whose name a variable fills. PromQL takes its letters for `sum`; nobody writes them so. */
const ANY_AGGREGATION = 'sUm';
export const isAnyAggregation = (name: string): boolean => name === ANY_AGGREGATION;

const QUOTES = ['"', "'", '`'];

/** A place in the text of a query: inside of quotes, between the brackets of a range, or anywhere else. */
interface Place {
  readonly quote: string | undefined;
  readonly brackets: number;
}

/** The query with every variable replaced; without one it is the same text. */
export function replaceVariables(query: string): string {
  let text = '';
  let place: Place = { quote: undefined, brackets: 0 };
  for (let at = 0; at < query.length; ) {
    const comment = query[at] === '#' && place.quote === undefined ? endOfLine(query, at) : at;
    if (comment > at) {
      text += query.slice(at, comment);
      at = comment;
      continue;
    }
    VARIABLE.lastIndex = at;
    const [variable] = VARIABLE.exec(query) ?? [];
    if (variable !== undefined) {
      text += stand(place, text, query.slice(at + variable.length, at + variable.length + 20));
      at += variable.length;
      continue;
    }
    const isEscaped = place.quote !== undefined && place.quote !== '`' && query[at] === '\\';
    text += query.slice(at, isEscaped ? at + 2 : at + 1);
    place = after(place, query[at] ?? '');
    at += isEscaped ? 2 : 1;
  }
  return text;
}

function endOfLine(query: string, from: number): number {
  const at = query.indexOf('\n', from);
  return at < 0 ? query.length : at;
}

function after({ quote, brackets }: Place, character: string): Place {
  if (quote !== undefined) return { quote: character === quote ? undefined : quote, brackets };
  if (QUOTES.includes(character)) return { quote: character, brackets };
  if (character === '[') return { quote, brackets: brackets + 1 };
  return { quote, brackets: character === ']' ? Math.max(0, brackets - 1) : brackets };
}

/** What stands for a variable at its place: a time in a range, an aggregation before brackets, else a name. */
function stand({ quote, brackets }: Place, before: string, behind: string): string {
  if (quote !== undefined) return PLACEHOLDER;
  if (brackets > 0 || /\boffset\s+-?$/.test(before.slice(-20))) return '5m';
  const isWord = /[\w:]$/.test(before);
  return !isWord && /^\s*(?:\(|(?:by|without)\b)/.test(behind) ? ANY_AGGREGATION : PLACEHOLDER;
}
