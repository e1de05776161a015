import { ByteCache, equals } from './byte-cache.ts';
import { NO_TYPES, TagAttributes, type TagTypes } from './tag-attributes.ts';
import { findTagEnd, type TagEndSearch } from './tag-end.ts';
import { INCOMPLETE, Utf8Window } from './utf8-window.ts';
import {
  BANG,
  DASH,
  GREATER,
  isSpace,
  LESS,
  NAME_BYTE,
  PLAIN,
  QUESTION,
  SLASH,
  TEXT_CLASS,
} from './xml-characters.ts';
import { malformed, XmlError } from './xml-error.ts';
import { toXmlName, type XmlName } from './xml-name.ts';
import { XmlScope } from './xml-scope.ts';
import { readTarget, skipComment, skipInstruction } from './xml-skipped.ts';
import { readCharacters } from './xml-text.ts';

/** What a document consists of, in its order. A text may come in several pieces. */
export interface XmlHandler {
  /** `namespace` is empty where none is declared. */
  open(name: string, namespace: string, types: TagTypes): void;
  text(text: string): void;
  close(): void;
  /**
   * An element below the root, without attributes, whose content is one plain text or none: instead of `open`, `text` and
   * `close`. Most elements are such, but not each comes so: one that spans two pieces does not.
   */
  leaf(name: string, namespace: string, text: string): void;
}

const NAME_BYTES = 1_000;
/** Bytes that are looked at together, which bounds the window. */
const PIECE = 64 * 1024;
const CDATA = Buffer.from('<![CDATA[');

/**
 * Reads XML 1.0 in UTF-8 with its namespaces as the bytes come, whatever the borders of the chunks, and throws
 * XmlError on whatever is not well-formed. It holds one tag or a piece of a text at most, and takes a bounded number
 * of steps for each byte. A document type is refused, and with it every entity but XML's own five.
 */
export class XmlScanner {
  readonly #handler: XmlHandler;
  readonly #window = new Utf8Window();
  readonly #names = new ByteCache<XmlName>({ places: 2_048, maxLength: 128, make: toXmlName });
  readonly #attributes = new ByteCache<TagAttributes>({
    places: 512,
    maxLength: 512,
    make: (text) => new TagAttributes(text),
  });
  readonly #search: TagEndSearch = { distance: 0, quote: 0 };
  #mode: 'content' | 'cdata' | 'comment' | 'instruction' = 'content';
  /** Names of the open elements, and the scopes around them. */
  readonly #open: XmlName[] = [];
  readonly #outer: XmlScope[] = [];
  #scope = XmlScope.root;
  #began = false;
  #ended = false;

  constructor(handler: XmlHandler) {
    this.#handler = handler;
  }

  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; from += PIECE) {
      this.#window.append(bytes.subarray(from, from + PIECE));
      this.#scan();
      if (this.#window.isBroken) throw malformed('it is not UTF-8');
    }
  }

  /** Call it after the last bytes. */
  end(): void {
    if (!this.#ended || this.#mode !== 'content' || this.#window.hasRest) {
      throw new XmlError('truncated', 'it ends before its root element does');
    }
  }

  #scan(): void {
    const window = this.#window;
    let at = window.start;
    while (at < window.end) {
      const next = this.#step(at);
      if (next === INCOMPLETE) break;
      at = next;
      this.#began = true;
    }
    window.start = at;
  }

  /** Reads what begins at a position, and gives the position behind it or INCOMPLETE. */
  #step(at: number): number {
    if (this.#mode !== 'content') return this.#continue(at);
    const { bytes, end } = this.#window;
    if (bytes[at] !== LESS) return this.#open.length === 0 ? this.#space(at) : this.#text(at);
    if (at + 1 >= end) return INCOMPLETE;
    switch (bytes[at + 1]) {
      case SLASH:
        return this.#closeTag(at);
      case BANG:
        return this.#beginMarkup(at);
      case QUESTION:
        return this.#beginInstruction(at);
      default:
        return this.#openTag(at);
    }
  }

  #continue(at: number): number {
    if (this.#mode === 'cdata') return this.#characters(at);
    const next = this.#mode === 'comment' ? skipComment(this.#window, at) : skipInstruction(this.#window, at);
    if (next.isEnd) this.#mode = 'content';
    return next.position === at ? INCOMPLETE : next.position;
  }

  #space(at: number): number {
    if (!isSpace(this.#window.bytes[at])) throw malformed('it has text outside of its root element');
    return at + 1;
  }

  #text(at: number): number {
    const { bytes, end } = this.#window;
    let position = at;
    while (position < end && TEXT_CLASS[bytes[position] as number] === PLAIN) position += 1;
    if (position === end || bytes[position] !== LESS) return this.#characters(at);
    this.#handler.text(this.#window.slice(at, position, true));
    return position;
  }

  /** Any text, CDATA and what is not plain included. */
  #characters(at: number): number {
    const { text, position, isEnd } = readCharacters(this.#window, { at, inCdata: this.#mode === 'cdata' });
    if (text !== '') this.#handler.text(text);
    if (isEnd) this.#mode = 'content';
    return position === at ? INCOMPLETE : position;
  }

  #openTag(at: number): number {
    const { bytes, end } = this.#window;
    let position = at + 1;
    let hash = 0;
    while (position < end && NAME_BYTE[bytes[position] as number] === 1) {
      hash = (Math.imul(hash, 31) + (bytes[position] as number)) | 0;
      position += 1;
    }
    if (position - at > NAME_BYTES) throw new XmlError('too-large', 'one of its names is too long');
    if (position === end) return INCOMPLETE;
    const name = this.#names.get(bytes, at + 1, position, hash);
    if (bytes[position] === GREATER) {
      const behind = this.#open.length === 0 ? INCOMPLETE : this.#leaf(name, position + 1);
      if (behind !== INCOMPLETE) return behind;
      this.#enter(name, undefined);
      return position + 1;
    }
    const last = findTagEnd(this.#window, { token: at, from: position, search: this.#search });
    if (last === INCOMPLETE) return INCOMPLETE;
    const isEmpty = bytes[last - 1] === SLASH;
    const listEnd = isEmpty ? last - 1 : last;
    this.#enter(name, listEnd === position ? undefined : this.#attributesAt(position, listEnd));
    if (isEmpty) this.#leave();
    return last + 1;
  }

  /** The rest of an element that is a leaf, in one step; INCOMPLETE for any other. */
  #leaf(name: XmlName, from: number): number {
    const { bytes, end } = this.#window;
    let at = from;
    while (at < end && TEXT_CLASS[bytes[at] as number] === PLAIN) at += 1;
    const nameEnd = at + 2 + name.bytes.length;
    const isLeaf =
      nameEnd < end &&
      bytes[at] === LESS &&
      bytes[at + 1] === SLASH &&
      bytes[nameEnd] === GREATER &&
      equals(bytes, at + 2, nameEnd, name.bytes);
    if (!isLeaf) return INCOMPLETE;
    const text = at === from ? '' : this.#window.slice(from, at, true);
    this.#handler.leaf(name.local, this.#namespaceOf(name), text);
    return nameEnd + 1;
  }

  #namespaceOf({ prefix }: XmlName, scope = this.#scope): string {
    return prefix === '' ? scope.defaultUri : scope.uriOf(prefix);
  }

  #attributesAt(from: number, to: number): TagAttributes {
    const { bytes } = this.#window;
    if (!isSpace(bytes[from])) throw malformed('one of its tags has a name that is none');
    // They differ mostly near their end, in the type's name.
    let hash = to - from;
    for (let at = Math.max(from, to - 16); at < to; at += 1) {
      hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    }
    return this.#attributes.get(bytes, from, to, hash);
  }

  #enter(name: XmlName, attributes: TagAttributes | undefined): void {
    if (this.#ended) throw malformed('it has a second root element');
    const outer = this.#scope;
    const scope = attributes === undefined ? outer : attributes.scopeIn(outer);
    this.#handler.open(
      name.local,
      this.#namespaceOf(name, scope),
      attributes === undefined ? NO_TYPES : attributes.types,
    );
    this.#open.push(name);
    this.#outer.push(outer);
    this.#scope = scope;
  }

  #leave(): void {
    this.#open.pop();
    this.#scope = this.#outer.pop() as XmlScope;
    this.#ended = this.#open.length === 0;
    this.#handler.close();
  }

  #closeTag(at: number): number {
    const { bytes, end } = this.#window;
    const name = this.#open[this.#open.length - 1];
    if (name === undefined) throw malformed('it has an end tag without a start tag');
    const nameEnd = at + 2 + name.bytes.length;
    const come = nameEnd < end ? name.bytes : name.bytes.subarray(0, end - at - 2);
    if (!equals(bytes, at + 2, Math.min(nameEnd, end), come)) {
      throw malformed(`the end tag of <${name.local}> is missing`);
    }
    if (nameEnd >= end) return INCOMPLETE;
    let last = nameEnd;
    if (bytes[nameEnd] !== GREATER) {
      last = findTagEnd(this.#window, { token: at, from: nameEnd, search: this.#search });
      if (last === INCOMPLETE) return INCOMPLETE;
      for (let rest = nameEnd; rest < last; rest += 1) {
        if (!isSpace(bytes[rest])) throw malformed(`the end tag of <${name.local}> is missing`);
      }
    }
    this.#leave();
    return last + 1;
  }

  /** A comment or CDATA. */
  #beginMarkup(at: number): number {
    const { bytes, end } = this.#window;
    if (at + 3 >= end) return INCOMPLETE;
    if (bytes[at + 2] === DASH && bytes[at + 3] === DASH) {
      this.#mode = 'comment';
      return at + 4;
    }
    const whole = at + CDATA.length;
    if (!equals(bytes, at, Math.min(whole, end), CDATA.subarray(0, Math.min(CDATA.length, end - at)))) {
      throw malformed('it has a document type, which SOAP forbids, or a <! that begins nothing');
    }
    if (whole > end) return INCOMPLETE;
    if (this.#open.length === 0) throw malformed('it has text outside of its root element');
    this.#mode = 'cdata';
    return whole;
  }

  #beginInstruction(at: number): number {
    const next = readTarget(this.#window, { at, isStart: !this.#began });
    if (next.isInstruction) this.#mode = 'instruction';
    return next.position;
  }
}
