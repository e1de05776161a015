import { VsphereReplyError } from '../errors.ts';
import { NO_TYPES, type TagTypes } from './tag-attributes.ts';
import type { UnitBuilder } from './unit-builder.ts';
import { XmlError } from './xml-error.ts';
import { XmlScanner } from './xml-scanner.ts';

export type { XmlElement } from './unit-builder.ts';

export interface SoapReaderOptions {
  /** What is read, for messages: `<operation> on <endpoint>`. */
  readonly origin: string;
  /** Depth of the elements that are delivered: the envelope is 0, its body 1, the operation 2, `returnval` 3. */
  readonly unitDepth: number;
  /** Name of the element in the body; any when absent. A fault is taken in any case. */
  readonly response?: string;
  readonly limits?: Partial<ReaderLimits>;
  /** No word of the answer may stand in a message. */
  readonly isConfidential?: boolean;
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

/**
 * Reads a SOAP message as its bytes come, whatever the borders of the chunks, and hands out its units. Strict: a
 * document type, an undeclared entity, invalid UTF-8 or an unbalanced tag ends it with VsphereReplyError.
 */
export class SoapReader<Unit> {
  readonly #options: SoapReaderOptions;
  readonly #limits: ReaderLimits;
  readonly #scanner: XmlScanner;
  readonly #builder: UnitBuilder<Unit>;
  /** Open elements of the unit that is being read. */
  #unitDepth = 0;
  #done: Unit[] = [];
  #failure: VsphereReplyError | undefined;
  #depth = 0;
  #unitElements = 0;
  #unitCharacters = 0;
  #inBody = false;
  #sawOperation = false;
  /** Bytes since the last whole tag. */
  #pending = 0;

  /** The builder gets the elements of one unit after the other, and makes what is handed out: of a fault, too. */
  constructor(options: SoapReaderOptions, builder: UnitBuilder<Unit>) {
    this.#options = options;
    this.#builder = builder;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#scanner = new XmlScanner({
      open: (name, namespace, types) => this.#open(name, namespace, types),
      text: (text) => this.#text(text),
      close: () => this.#close(),
      leaf: (name, namespace, text) => this.#leaf(name, namespace, text),
    });
  }

  /** The units that these bytes completed; the error of what stands behind them is thrown by the next call. */
  push(bytes: Uint8Array): readonly Unit[] {
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

  #open(name: string, namespace: string, types: TagTypes): void {
    const depth = this.#beginElement();
    this.#depth += 1;
    if (this.#unitDepth === 0) {
      if (depth < 3) this.#checkFrame(depth, name, namespace);
      if (!this.#inBody || (depth !== this.#options.unitDepth && !isFault(depth, name, namespace))) return;
      this.#unitElements = 0;
      this.#unitCharacters = 0;
    }
    this.#countElement();
    this.#count(name.length + (types.type?.length ?? 0) + (types.referenceType?.length ?? 0));
    this.#unitDepth += 1;
    this.#builder.open(name, types);
  }

  #close(): void {
    this.#pending = 0;
    this.#depth -= 1;
    if (this.#unitDepth === 0) return;
    this.#unitDepth -= 1;
    const unit = this.#builder.close();
    if (unit !== undefined) this.#done.push(unit);
  }

  #text(text: string): void {
    if (this.#unitDepth === 0) return;
    this.#count(text.length);
    this.#builder.text(text);
  }

  #leaf(name: string, namespace: string, text: string): void {
    if (this.#unitDepth === 0) {
      this.#open(name, namespace, NO_TYPES);
      this.#text(text);
      this.#close();
      return;
    }
    this.#beginElement();
    this.#countElement();
    this.#count(name.length + text.length);
    this.#builder.leaf(name, text);
  }

  /** Answers its depth. */
  #beginElement(): number {
    this.#pending = 0;
    if (this.#depth >= this.#limits.depth) this.#fail('too-large', 'its elements are nested too deep');
    return this.#depth;
  }

  #countElement(): void {
    this.#unitElements += 1;
    if (this.#unitElements > this.#limits.unitElements) {
      this.#fail('too-large', 'one of its objects has too many elements');
    }
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
    const { origin, isConfidential } = this.#options;
    const said = isConfidential === true ? '' : `: ${why}`;
    throw new VsphereReplyError(`the answer to ${origin} cannot be read (${code})${said}`, {
      code,
      cause,
    });
  }
}

function isFault(depth: number, name: string, namespace: string): boolean {
  return depth === 2 && name === 'Fault' && namespace === SOAP;
}
