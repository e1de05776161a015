import { toAttributes, type XmlAttribute } from './xml-attributes.ts';
import { malformed } from './xml-error.ts';
import { isDeclaration, type XmlScope } from './xml-scope.ts';

const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/** What SOAP reads of a tag's attributes. */
export interface TagTypes {
  /** Local part of its `xsi:type`, recognised by namespace: prefixes differ between vCenter and vcsim. */
  readonly type: string | undefined;
  /** The `type` attribute without a prefix, which only managed object references have. */
  readonly referenceType: string | undefined;
}

export const NO_TYPES: TagTypes = { type: undefined, referenceType: undefined };

/**
 * The attributes of a tag and what they mean where it stands. Remembers the last place: tags that are written alike
 * nearly always stand in the same namespaces.
 */
export class TagAttributes {
  readonly #attributes: readonly XmlAttribute[];
  #outer: XmlScope | undefined;
  #inner: XmlScope | undefined;
  #types: TagTypes = NO_TYPES;

  /** Of what stands between a tag's name and its end. */
  constructor(text: string) {
    this.#attributes = toAttributes(text);
  }

  /** The scope inside of the tag, by the one outside of it. */
  scopeIn(outer: XmlScope): XmlScope {
    if (this.#outer === outer && this.#inner !== undefined) return this.#inner;
    const inner = outer.with(this.#attributes);
    this.#types = typesOf(this.#attributes, inner);
    this.#outer = outer;
    this.#inner = inner;
    return inner;
  }

  /** In the scope of the last `scopeIn`. */
  get types(): TagTypes {
    return this.#types;
  }
}

/** Looks at a tag's attributes inside of its scope; throws on prefixes that are not declared and on equal names. */
function typesOf(attributes: readonly XmlAttribute[], scope: XmlScope): TagTypes {
  const seen = new Set<string>();
  let type: string | undefined;
  let referenceType: string | undefined;
  for (const attribute of attributes) {
    if (isDeclaration(attribute)) continue;
    const { prefix, local, value } = attribute;
    const uri = prefix === '' ? '' : scope.uriOf(prefix);
    const name = `${uri} ${local}`;
    if (seen.has(name)) throw malformed('one of its tags has an attribute twice');
    seen.add(name);
    if (local !== 'type') continue;
    if (uri === SCHEMA_INSTANCE) type = value.slice(value.lastIndexOf(':') + 1);
    else if (uri === '') referenceType = value;
  }
  return { type, referenceType };
}
