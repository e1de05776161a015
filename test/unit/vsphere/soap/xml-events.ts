import { SaxesParser } from 'saxes';
import { XmlError } from '../../../../lib/vsphere/soap/xml-error.ts';
import { XmlScanner } from '../../../../lib/vsphere/soap/xml-scanner.ts';

/** What a document consists of, neighbouring texts joined; undefined when it is refused. */
export type XmlEvents = readonly string[] | undefined;

const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

class Recorder {
  readonly events: string[] = [];
  #text = '';

  open(name: string, namespace: string, type: string | undefined, referenceType: string | undefined): void {
    this.#flush();
    this.events.push(JSON.stringify(['open', name, namespace, type ?? null, referenceType ?? null]));
  }

  text(text: string): void {
    this.#text += text;
  }

  close(): void {
    this.#flush();
    this.events.push('close');
  }

  #flush(): void {
    if (this.#text !== '') this.events.push(JSON.stringify(['text', this.#text]));
    this.#text = '';
  }
}

/** Through the scanner, in these pieces. */
export function scan(pieces: Iterable<Uint8Array>): XmlEvents {
  const found = scanOrError(pieces);
  return found instanceof XmlError ? undefined : found;
}

/** The code and message of the error with which a document is refused. */
export function whyRefused(bytes: Uint8Array): string | undefined {
  const found = scanOrError([bytes]);
  return found instanceof XmlError ? `${found.code}: ${found.message}` : undefined;
}

function scanOrError(pieces: Iterable<Uint8Array>): readonly string[] | XmlError {
  const recorder = new Recorder();
  const scanner = new XmlScanner({
    open: (name, namespace, { type, referenceType }) => recorder.open(name, namespace, type, referenceType),
    text: (text) => recorder.text(text),
    close: () => recorder.close(),
    leaf: (name, namespace, text) => {
      recorder.open(name, namespace, undefined, undefined);
      recorder.text(text);
      recorder.close();
    },
  });
  try {
    for (const piece of pieces) scanner.push(piece);
    scanner.end();
  } catch (error) {
    if (error instanceof XmlError) return error;
    throw error;
  }
  return recorder.events;
}

/** The oracle: saxes, with what SOAP forbids refused. */
export function scanBySaxes(bytes: Uint8Array): XmlEvents {
  const recorder = new Recorder();
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('doctype', () => {
    throw new Error('a document type');
  });
  // Texts outside of the root element are spaces.
  let depth = 0;
  parser.on('opentag', ({ local, uri, attributes }) => {
    // saxes forgets the declaration when it is closed.
    if (depth === 0 && !isUtf8(parser.xmlDecl.encoding)) throw new Error('another encoding');
    depth += 1;
    const types = Object.values(attributes).filter((attribute) => attribute.local === 'type');
    const type = types.find((attribute) => attribute.uri === SCHEMA_INSTANCE)?.value;
    const referenceType = types.find((attribute) => attribute.uri === '')?.value;
    recorder.open(local, uri, type?.slice(type.lastIndexOf(':') + 1), referenceType);
  });
  const text = (piece: string) => {
    if (depth > 0) recorder.text(piece);
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('closetag', () => {
    depth -= 1;
    recorder.close();
  });
  try {
    const document = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    parser.write(document).close();
  } catch {
    return undefined;
  }
  return recorder.events;
}

const isUtf8 = (encoding = 'utf-8') => encoding.toLowerCase() === 'utf-8';

/** The bytes cut at these places. */
export function cutAt(bytes: Uint8Array, borders: readonly number[]): Uint8Array[] {
  const inside = borders.map((border) => border % (bytes.length + 1)).sort((one, other) => one - other);
  const cuts = [0, ...inside, bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}
