import { brotliDecompressSync } from 'node:zlib';
import { PACKED_TABLE } from './packed-table.ts';
import { isPrimitive } from './primitive.ts';

export type Vim25Kind = 'managed object' | 'data object' | 'enumeration' | 'primitive';

export interface Vim25Property {
  readonly name: string;
  /** The name of its type, or of the type of its elements. */
  readonly type: string;
  readonly isArray: boolean;
  /** May be unset. */
  readonly isOptional: boolean;
  /** The first version of the API that has it, such as `6.7` or `8.0.2.0`. */
  readonly since: string;
}

export interface Vim25Type {
  readonly name: string;
  readonly kind: Vim25Kind;
  readonly base: Vim25Type | undefined;
  readonly since: string;
  /** Its own and the inherited ones, by name; those of its base first. */
  readonly properties: ReadonlyMap<string, Vim25Property>;
}

/** The types of the vSphere API, as the newest release declares them: managed objects, data objects, enumerations. */
export interface Vim25 {
  /** The release of pyVmomi that the table was made from, which is named after that of vSphere. */
  readonly version: string;
  /** Undefined for what the table does not know: a newer vCenter may have it. */
  type(name: string): Vim25Type | undefined;
  /** Whether `name` is `of` or inherits from it; false for unknown types. */
  isSubtype(name: string, of: string): boolean;
  /** All that inherit from the type, in the order of their names. */
  subtypesOf(name: string): readonly Vim25Type[];
  /** The names of all types of a kind but primitives, in order. */
  namesOf(kind: Exclude<Vim25Kind, 'primitive'>): readonly string[];
}

let loaded: Vim25 | undefined;

/** The table; unpacked (a few milliseconds) when it is first asked for, once in a process. */
export function loadVim25(): Vim25 {
  loaded ??= readTable(unpackTable());
  return loaded;
}

/** The text that tools/vim25/print_types.py prints, and describes. */
export function unpackTable(): string {
  return brotliDecompressSync(Buffer.from(PACKED_TABLE, 'base64')).toString('latin1');
}

const KINDS = { M: 'managed object', D: 'data object', E: 'enumeration' } as const;
const LETTERS = { 'managed object': 'M', 'data object': 'D', enumeration: 'E' } as const;

/** Names come from servers, too, and must not fill the memory. */
const MAX_UNKNOWN = 1_000;

/**
 * The text stays as it is; a type's line is found and parsed when the type is first asked for, because of 3,800 types
 * a run needs a few dozens.
 */
function readTable(text: string): Vim25 {
  const [, version = '', ...versions] = text.slice(0, text.indexOf('\n')).split(' ');
  const types = new Map<string, Vim25Type>();
  const unknown = new Set<string>();
  let read: readonly Heading[] | undefined;
  const headings = () => {
    read ??= readHeadings(text);
    return read;
  };

  const type = (name: string): Vim25Type | undefined => {
    const known = types.get(name);
    if (known !== undefined || unknown.has(name)) return known;
    const found = isPrimitive(name) ? primitiveType(name) : findType(name);
    if (found !== undefined) types.set(name, found);
    else if (unknown.size < MAX_UNKNOWN) unknown.add(name);
    return found;
  };

  const findType = (name: string): Vim25Type | undefined => {
    if (!/^\w+$/.test(name)) return undefined;
    const start = text.indexOf(`\n${name} `) + 1;
    return start === 0 ? undefined : parseType(text.slice(start, text.indexOf('\n', start)));
  };

  const parseType = (line: string): Vim25Type => {
    const [name = '', letter, baseName = '', since = '', ...words] = line.split(' ');
    const base = baseName === '-' ? undefined : type(baseName);
    const properties = new Map(base?.properties);
    for (const word of words) {
      const property = parseProperty(word, { versions, typeSince: since });
      properties.set(property.name, property);
    }
    const kind = KINDS[letter as keyof typeof KINDS];
    return { name, kind, base, since: versions[Number(since)] ?? '', properties };
  };

  const isSubtype = (name: string, of: string) => {
    for (let one = type(name); one !== undefined; one = one.base) if (one.name === of) return true;
    return false;
  };

  return {
    version,
    type,
    isSubtype,
    namesOf: (kind) => headings().flatMap((one) => (one.letter === LETTERS[kind] ? one.name : [])),
    subtypesOf: (name) => {
      const found = new Set([name]);
      // Bases may stand after what inherits from them.
      for (let size = 0; size < found.size; ) {
        size = found.size;
        for (const one of headings()) if (found.has(one.base)) found.add(one.name);
      }
      found.delete(name);
      return [...found].sort().flatMap((one) => type(one) ?? []);
    },
  };
}

interface Heading {
  readonly name: string;
  readonly letter: string;
  readonly base: string;
}

/** What the lines begin with, which says what there is. */
function readHeadings(text: string): readonly Heading[] {
  return Array.from(text.matchAll(/^(\w+) ([MDE]) (\w+|-) /gm), ([, name = '', letter = '', base = '']) => ({
    name,
    letter,
    base,
  }));
}

/** `<name>:<type>[]?@<version>` */
const PROPERTY = /^(\w+):(\w+)(\[\])?(\?)?(?:@(\d+))?$/;

function parseProperty(
  word: string,
  { versions, typeSince }: { versions: readonly string[]; typeSince: string },
): Vim25Property {
  const [, name = '', type = '', array, optional, since = typeSince] = PROPERTY.exec(word) ?? [];
  return {
    name,
    type,
    isArray: array !== undefined,
    isOptional: optional !== undefined,
    since: versions[Number(since)] ?? '',
  };
}

function primitiveType(name: string): Vim25Type {
  return { name, kind: 'primitive', base: undefined, since: '2.0', properties: new Map() };
}
