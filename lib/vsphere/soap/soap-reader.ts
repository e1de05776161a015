import { VsphereReplyError } from '../errors.ts';
import type { TagTypes } from './tag-attributes.ts';
import { XmlError } from './xml-error.ts';
import { XmlScanner } from './xml-scanner.ts';

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
  /** Characters of all names, types and texts in one unit. */
  readonly unitCharacters: number;
  readonly unitElements: number;
  /** Bytes without any whole tag: a text or comment that does not end. */
  readonly tokenBytes: number;
}

const LIMITS: ReaderLimits = {
  depth: 256,
  unitCharacters: 16 * 2 ** 20,
  unitElements: 500_000,
  tokenBytes: 16 * 2 ** 20,
};

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';

interface Frame {
  readonly name: string;
  readonly type: string | undefined;
  readonly referenceType: string | undefined;
  text: string;
  children: XmlElement[];
}

/** Of every element without children; one for all, because most elements are leaves. Never written to. */
const NO_CHILDREN: XmlElement[] = [];

/**
 * Reads a SOAP message as its bytes come, whatever the borders of the chunks, and hands out its units. Strict: a
 * document type, an undeclared entity, invalid UTF-8 or an unbalanced tag ends it with VsphereReplyError.
 */
export class SoapReader {
  readonly #options: SoapReaderOptions;
  readonly #limits: ReaderLimits;
  readonly #scanner: XmlScanner;
  /** Open elements of the unit that is being read, outermost first. */
  readonly #unit: Frame[] = [];
  #done: XmlElement[] = [];
  #failure: VsphereReplyError | undefined;
  #depth = 0;
  #unitElements = 0;
  #unitCharacters = 0;
  #inBody = false;
  #sawOperation = false;
  /** Bytes since the last whole tag. */
  #pending = 0;

  constructor(options: SoapReaderOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#scanner = new XmlScanner({
      open: (name, namespace, types) => this.#open(name, namespace, types),
      text: (text) => this.#text(text),
      close: () => this.#close(),
    });
  }

  /** The units that these bytes completed; the error of what stands behind them is thrown by the next call. */
  push(bytes: Uint8Array): readonly XmlElement[] {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#pending += bytes.length;
      this.#guard(() => this.#scanner.push(bytes));
      if (this.#pending > this.#limits.tokenBytes) {
        this.#fail('too-large', 'one of its tags or texts is too long');
      }
    } catch (error) {
      if (!(error instanceof VsphereReplyError) || this.#done.length === 0) throw error;
      this.#failure = error;
    }
    const done = this.#done;
    if (done.length > 0) this.#done = [];
    return done;
  }

  /** Call it after the last bytes: a message that is not complete, or without the expected element, is an error. */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#guard(() => this.#scanner.end());
    if (!this.#sawOperation) this.#fail('not-soap', 'its SOAP body is empty');
  }

  #open(name: string, namespace: string, { type, referenceType }: TagTypes): void {
    this.#pending = 0;
    const depth = this.#depth;
    this.#depth += 1;
    if (depth >= this.#limits.depth) this.#fail('too-large', 'its elements are nested too deep');
    const parent = this.#unit[this.#unit.length - 1];
    if (parent === undefined) {
      if (depth < 3) this.#checkFrame(depth, name, namespace);
      if (!this.#inBody || (depth !== this.#options.unitDepth && !isFault(depth, name, namespace))) return;
      this.#unitElements = 0;
      this.#unitCharacters = 0;
    }
    this.#unitElements += 1;
    if (this.#unitElements > this.#limits.unitElements) {
      this.#fail('too-large', 'one of its objects has too many elements');
    }
    this.#count(name.length + (type?.length ?? 0) + (referenceType?.length ?? 0));
    const element: Frame = { name, type, referenceType, text: '', children: NO_CHILDREN };
    if (parent !== undefined) {
      if (parent.children === NO_CHILDREN) parent.children = [element];
      else parent.children.push(element);
    }
    this.#unit.push(element);
  }

  #close(): void {
    this.#pending = 0;
    this.#depth -= 1;
    const element = this.#unit.pop();
    if (element !== undefined && this.#unit.length === 0) this.#done.push(element);
  }

  #text(text: string): void {
    const element = this.#unit[this.#unit.length - 1];
    if (element === undefined) return;
    this.#count(text.length);
    element.text = element.text === '' ? text : element.text + text;
  }

  #count(characters: number): void {
    this.#unitCharacters += characters;
    if (this.#unitCharacters > this.#limits.unitCharacters) {
      this.#fail('too-large', 'one of its objects has too much text');
    }
  }

  /** The envelope, its header or body, and the one element of the body. */
  #checkFrame(depth: number, name: string, namespace: string): void {
    const { response = name } = this.#options;
    if (depth === 0 && !(name === 'Envelope' && namespace === SOAP)) this.#notSoap(name);
    if (depth === 1) {
      if (!((name === 'Body' || name === 'Header') && namespace === SOAP)) this.#notSoap(name);
      this.#inBody = name === 'Body';
    }
    if (depth !== 2 || !this.#inBody) return;
    if (this.#sawOperation || (name !== response && !isFault(depth, name, namespace))) this.#notSoap(name);
    this.#sawOperation = true;
  }

  #notSoap(name: string): never {
    this.#fail('not-soap', `it is a <${name.slice(0, 60)}> and not a SOAP answer`);
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      this.#fail(error.code, error.message, error);
    }
  }

  #fail(code: VsphereReplyError['code'], why: string, cause?: unknown): never {
    throw new VsphereReplyError(`the answer to ${this.#options.origin} cannot be read (${code}): ${why}`, {
      code,
      cause,
    });
  }
}

function isFault(depth: number, name: string, namespace: string): boolean {
  return depth === 2 && name === 'Fault' && namespace === SOAP;
}
