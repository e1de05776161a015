import { SaxesParser, type SaxesTagNS } from 'saxes';
import { messageOf } from '../../platform/errors.ts';
import { VsphereReplyError } from '../errors.ts';

/**
 * One element of a SOAP message with everything below it. Only one such unit (a retrieved object, a return value, a
 * fault) is held at a time, never the whole message.
 */
export interface XmlElement {
  /** Local name. */
  readonly name: string;
  /** Local part of its `xsi:type`, recognised by namespace: prefixes differ between vCenter and vcsim. */
  readonly type: string | undefined;
  /** The `type` attribute, which only managed object references have. */
  readonly referenceType: string | undefined;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

export interface SoapReaderOptions {
  /** What is read, for messages: `<operation> on <endpoint>`. */
  readonly origin: string;
  /** Depth of the elements that are delivered: the envelope is 0, its body 1, the operation 2, `returnval` 3. */
  readonly unitDepth: number;
  /** Name of the element in the body; any when absent. A fault is taken in any case. */
  readonly response?: string;
  readonly limits?: Partial<ReaderLimits>;
}

export interface ReaderLimits {
  readonly depth: number;
  /** Characters of all texts in one unit. */
  readonly unitCharacters: number;
  readonly unitElements: number;
  /** Characters without any finished tag or text. */
  readonly tokenCharacters: number;
}

const LIMITS: ReaderLimits = {
  depth: 256,
  unitCharacters: 16 * 2 ** 20,
  unitElements: 500_000,
  tokenCharacters: 16 * 2 ** 20,
};

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

type Frame = { -readonly [Key in keyof XmlElement]: XmlElement[Key] } & { children: XmlElement[] };

/**
 * Reads a SOAP message as its bytes come, whatever the borders of the chunks, and hands out its units. Strict: a
 * document type, an undeclared entity, invalid UTF-8 or an unbalanced tag ends it with VsphereReplyError.
 */
export class SoapReader {
  readonly #options: SoapReaderOptions;
  readonly #limits: ReaderLimits;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  /** Open elements of the unit that is being read, outermost first. */
  readonly #unit: Frame[] = [];
  #done: XmlElement[] = [];
  #depth = 0;
  #unitElements = 0;
  #unitCharacters = 0;
  #inBody = false;
  #sawOperation = false;
  /** Characters since the last finished tag or text. */
  #pending = 0;

  constructor(options: SoapReaderOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    // Six handlers at most: with a seventh, V8 turns the parser into a dictionary and it takes four times as long.
    this.#parser.on('doctype', () => this.#fail('malformed', 'it has a document type, which SOAP forbids'));
    this.#parser.on('opentag', (tag) => this.#open(tag));
    this.#parser.on('closetag', () => this.#close());
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
  }

  /** The units that these bytes completed. */
  push(bytes: Uint8Array): readonly XmlElement[] {
    const text = this.#guard('malformed', () => this.#decoder.decode(bytes, { stream: true }));
    this.#pending += text.length;
    this.#guard('malformed', () => this.#parser.write(text));
    if (this.#pending > this.#limits.tokenCharacters) {
      this.#fail('too-large', 'one of its tags or texts is too long');
    }
    const done = this.#done;
    if (done.length > 0) this.#done = [];
    return done;
  }

  /** Call it after the last bytes: a message that is not complete, or without the expected element, is an error. */
  end(): void {
    this.#guard('truncated', () => this.#parser.write(this.#decoder.decode()).close());
    if (!this.#sawOperation) this.#fail('not-soap', 'its SOAP body is empty');
  }

  #open(tag: SaxesTagNS): void {
    this.#pending = 0;
    const depth = this.#depth;
    this.#depth += 1;
    if (depth >= this.#limits.depth) this.#fail('too-large', 'its elements are nested too deep');
    if (this.#unit.length === 0) {
      if (depth < 3) this.#checkFrame(depth, tag);
      if (!this.#inBody || (depth !== this.#options.unitDepth && !isFault(depth, tag))) return;
      this.#unitElements = 0;
      this.#unitCharacters = 0;
    }
    this.#unitElements += 1;
    if (this.#unitElements > this.#limits.unitElements) {
      this.#fail('too-large', 'one of its objects has too many elements');
    }
    this.#unit.push(toFrame(tag));
  }

  #close(): void {
    this.#pending = 0;
    this.#depth -= 1;
    const element = this.#unit.pop();
    if (element === undefined) return;
    const parent = this.#unit.at(-1);
    if (parent === undefined) this.#done.push(element);
    else parent.children.push(element);
  }

  #text(text: string): void {
    this.#pending = 0;
    const element = this.#unit.at(-1);
    if (element === undefined) return;
    this.#unitCharacters += text.length;
    if (this.#unitCharacters > this.#limits.unitCharacters) {
      this.#fail('too-large', 'one of its objects has too much text');
    }
    element.text += text;
  }

  /** The envelope, its header or body, and the one element of the body. */
  #checkFrame(depth: number, tag: SaxesTagNS): void {
    const { local, uri } = tag;
    const { response = local } = this.#options;
    if (depth === 0) this.#checkEncoding(this.#parser.xmlDecl.encoding);
    if (depth === 0 && !(local === 'Envelope' && uri === SOAP)) this.#notSoap(local);
    if (depth === 1) {
      if (!((local === 'Body' || local === 'Header') && uri === SOAP)) this.#notSoap(local);
      this.#inBody = local === 'Body';
    }
    if (depth !== 2 || !this.#inBody) return;
    if (this.#sawOperation || (local !== response && !isFault(depth, tag))) this.#notSoap(local);
    this.#sawOperation = true;
  }

  #checkEncoding(encoding: string | undefined): void {
    if (encoding === undefined || encoding.toLowerCase() === 'utf-8') return;
    this.#fail('malformed', 'it is not encoded in UTF-8');
  }

  #notSoap(name: string): never {
    this.#fail('not-soap', `<${name.slice(0, 60)}> stands where a SOAP answer was expected`);
  }

  #guard<T>(code: 'malformed' | 'truncated', step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (error instanceof VsphereReplyError) throw error;
      return this.#fail(code, messageOf(error).slice(0, 200), error);
    }
  }

  #fail(code: VsphereReplyError['code'], why: string, cause?: unknown): never {
    throw new VsphereReplyError(`the answer to ${this.#options.origin} cannot be read (${code}): ${why}`, {
      code,
      cause,
    });
  }
}

function isFault(depth: number, { local, uri }: SaxesTagNS): boolean {
  return depth === 2 && local === 'Fault' && uri === SOAP;
}

function toFrame({ local, attributes }: SaxesTagNS): Frame {
  let type: string | undefined;
  let referenceType: string | undefined;
  for (const attribute of Object.values(attributes)) {
    if (attribute.local !== 'type') continue;
    if (attribute.uri === XSI) type = attribute.value.slice(attribute.value.lastIndexOf(':') + 1);
    else if (attribute.uri === '') referenceType = attribute.value;
  }
  return { name: local, type, referenceType, text: '', children: [] };
}
