import type { ErrorCode, LineCounter, YAMLError } from 'yaml';
import type { Place } from './places.ts';

const QUOTE = 'put a value with such characters in single quotes';

/**
 * What each code of the yaml library means. Its own messages quote the file, in which passwords may stand, so none of
 * their text is printed.
 */
const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: `an alias ("*") has an anchor or a tag; ${QUOTE}`,
  BAD_ALIAS: `an alias ("*") or anchor ("&") has no usable name; ${QUOTE}`,
  BAD_COLLECTION_TYPE: 'a tag ("!") is for another kind of value',
  BAD_DIRECTIVE: `a directive ("%") is not one of YAML; ${QUOTE}`,
  BAD_DQ_ESCAPE: 'a "\\" in double quotes begins no known escape; use single quotes',
  BAD_INDENT: 'the indentation does not fit the lines above',
  BAD_PROP_ORDER: 'an anchor or a tag is in the wrong place',
  BAD_SCALAR_START: `a value starts with a character that YAML reserves; ${QUOTE}`,
  BLOCK_AS_IMPLICIT_KEY: `a second ": " or "- " is on the line, or the lines below are indented further; ${QUOTE}`,
  BLOCK_IN_FLOW: 'an indented map or list is inside brackets or braces',
  DUPLICATE_KEY: 'a key is there twice in one map; remove one of the two',
  IMPOSSIBLE: 'cannot be read',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR:
    'a character is missing, such as a closing quote or bracket, a comma, or ":" after a key; or the line is not ' +
    'indented as those beside it',
  MULTILINE_IMPLICIT_KEY:
    'a key goes over several lines; a quote may not be closed, or a ":" or the space after it may be missing',
  MULTIPLE_ANCHORS: 'a value has two anchors',
  MULTIPLE_DOCS: 'there is a second document after "---"; write one file for each',
  MULTIPLE_TAGS: 'a value has two tags',
  NON_STRING_KEY: 'a key is not a text',
  RESOURCE_EXHAUSTION: 'maps and lists are nested too deeply',
  TAB_AS_INDENT: 'a tab is used as indentation; use spaces',
  TAG_RESOLVE_FAILED: `a tag ("!") is not known; ${QUOTE}`,
  UNEXPECTED_TOKEN: `a character is in an unexpected place; ${QUOTE}`,
};

export type YamlFault = Pick<YAMLError, 'code' | 'pos'>;

/** Faults of one value or key, behind which the rest of the file is read as it is meant. */
const LOCAL: readonly ErrorCode[] = [
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'DUPLICATE_KEY',
  'TAG_RESOLVE_FAILED',
];

/** In the order of the file, up to the first behind which others may only follow from it. */
export function faultsToTell(faults: readonly YamlFault[]): readonly YamlFault[] {
  const inOrder = faults.toSorted(({ pos: [a] }, { pos: [b] }) => a - b);
  const last = inOrder.findIndex(({ code }) => !LOCAL.includes(code));
  return last === -1 ? inOrder : inOrder.slice(0, last + 1);
}

/** A fault in words of ours, with no text of the file, and its place where it has one. */
export function describeYamlError(
  { code, pos: [start] }: YamlFault,
  lines: LineCounter,
): { readonly message: string; readonly place?: Place } {
  const { line, col } = lines.linePos(start);
  const message = `not YAML: ${MEANINGS[code] ?? MEANINGS.IMPOSSIBLE} (${code})`;
  // A fault of the whole file has no place.
  return start < 0 || line === 0 ? { message } : { message, place: { line, column: col } };
}

/**
 * The library calls a tab in braces by what follows from it. Whoever wrote one is to learn of the tab, at its place.
 */
export function asTab(fault: YamlFault, text: string): YamlFault {
  if (fault.code !== 'BAD_INDENT') return fault;
  const [at] = fault.pos;
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const tab = /^ *\t/.exec(text.slice(start, at + 1));
  if (tab === null) return fault;
  const pos = start + tab[0].length - 1;
  return { code: 'TAB_AS_INDENT', pos: [pos, pos + 1] };
}

/** Of what only shows when the values are made, where the library's message quotes the alias. */
export const BAD_REFERENCE =
  'not YAML: an alias ("*") has no anchor ("&"), there are more than 100 of them, or "<<" merges what is not a map; ' +
  'put a value that starts with "*" in single quotes';
