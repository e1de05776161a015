import { forbidden, isXmlText } from './xml-characters.ts';
import { malformed } from './xml-error.ts';
import { toXmlName, type XmlName } from './xml-name.ts';
import { resolveReferences } from './xml-reference.ts';

export interface XmlAttribute extends XmlName {
  readonly value: string;
}

const ATTRIBUTE = /[ \t\r\n]+([^ \t\r\n=/<>"']+)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y;
const REST = /[ \t\r\n]*$/y;

/**
 * The attributes of a tag from what stands between its name and its end. Throws on whatever is no well-formed list,
 * and on two of one name; those that are equal only by their namespaces are known where these are resolved.
 */
export function toAttributes(text: string): readonly XmlAttribute[] {
  if (!isXmlText(text)) throw forbidden();
  const attributes: XmlAttribute[] = [];
  const names = new Set<string>();
  for (let end = 0; !isMatchAt(REST, text, end); end = ATTRIBUTE.lastIndex) {
    ATTRIBUTE.lastIndex = end;
    const [, name, double, single] = ATTRIBUTE.exec(text) ?? [];
    if (name === undefined) throw malformed('the attributes of one of its tags are not well-formed');
    if (names.has(name)) throw malformed('one of its tags has an attribute twice');
    names.add(name);
    attributes.push({ ...toXmlName(name), value: toValue(double ?? single ?? '') });
  }
  return attributes;
}

function isMatchAt(sticky: RegExp, text: string, at: number): boolean {
  sticky.lastIndex = at;
  return sticky.test(text);
}

/** Line ends and tabs become spaces, those behind a reference stay. */
function toValue(written: string): string {
  return resolveReferences(written.replace(/\r\n|[\t\n\r]/g, ' '));
}
