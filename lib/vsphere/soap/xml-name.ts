import { malformed } from './xml-error.ts';

/** A name as it stands in the document, split at its colon. */
export interface XmlName {
  /** In UTF-8. */
  readonly bytes: Uint8Array;
  /** Empty without a colon. */
  readonly prefix: string;
  readonly local: string;
}

// XML 1.0, fifth edition, NameStartChar and NameChar, without the colon.
const START =
  'A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}-\\u{200D}' +
  '\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';
const NC_NAME = `[${START}][${START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}]*`;
const Q_NAME = new RegExp(`^(?:(${NC_NAME}):)?(${NC_NAME})$`, 'u');
const TARGET = new RegExp(`^${NC_NAME}$`, 'u');

/** Of a name of Namespaces in XML: both parts stand by themselves. */
export function toXmlName(name: string): XmlName {
  const [, prefix = '', local] = Q_NAME.exec(name) ?? [];
  if (local === undefined) throw malformed(`${JSON.stringify(name.slice(0, 60))} is no name`);
  return { bytes: Buffer.from(name), prefix, local };
}

/** The name of a processing instruction. */
export function isTarget(name: string): boolean {
  return TARGET.test(name) && name.toLowerCase() !== 'xml';
}
