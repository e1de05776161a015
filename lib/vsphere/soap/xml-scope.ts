import type { XmlAttribute } from './xml-attributes.ts';
import { malformed, XmlError } from './xml-error.ts';

const XML = 'http://www.w3.org/XML/1998/namespace';
const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** At one place; each tag that declares some holds a map of all. */
const MAX_PREFIXES = 256;
/** Characters of a prefix and its namespace: what cached tags remember of their scopes must not grow with a peer's. */
const MAX_DECLARATION = 1_000;

/** The namespaces that are declared at one place of the document. */
export class XmlScope {
  static readonly root = new XmlScope(new Map([['xml', XML]]));

  readonly #uris: ReadonlyMap<string, string>;
  /** Of elements without a prefix; empty when none is declared. */
  readonly defaultUri: string;

  constructor(uris: ReadonlyMap<string, string>) {
    this.#uris = uris;
    this.defaultUri = uris.get('') ?? '';
  }

  /** Throws for a prefix that is not declared. */
  uriOf(prefix: string): string {
    const uri = this.#uris.get(prefix);
    if (uri === undefined)
      throw malformed(`the prefix ${JSON.stringify(prefix.slice(0, 60))} is not declared`);
    return uri;
  }

  /** This scope with what a tag declares; the same one when it declares nothing. */
  with(attributes: readonly XmlAttribute[]): XmlScope {
    const declarations = attributes.filter(isDeclaration);
    if (declarations.length === 0) return this;
    const uris = new Map(this.#uris);
    for (const { prefix, local, value } of declarations) {
      const declared = prefix === '' ? '' : local;
      checkDeclaration(declared, value);
      uris.set(declared, value);
    }
    if (uris.size > MAX_PREFIXES) throw new XmlError('too-large', 'it declares too many prefixes');
    return new XmlScope(uris);
  }
}

export function isDeclaration({ prefix, local }: XmlAttribute): boolean {
  return prefix === 'xmlns' || (prefix === '' && local === 'xmlns');
}

/** Namespaces in XML 1.0, sections 2.2 and 3. */
function checkDeclaration(prefix: string, uri: string): void {
  if (prefix.length + uri.length > MAX_DECLARATION) {
    throw new XmlError('too-large', 'the name of one of its namespaces is too long');
  }
  const isReserved = prefix === 'xmlns' || uri === XMLNS || (prefix === 'xml') !== (uri === XML);
  // A URI has no spaces, and whether those around it belong to the name is answered in two ways.
  if (isReserved || (prefix !== '' && uri === '') || /\s/.test(uri)) {
    throw malformed(`the prefix ${JSON.stringify(prefix.slice(0, 60))} may not be declared so`);
  }
}
