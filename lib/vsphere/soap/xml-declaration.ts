import { malformed } from './xml-error.ts';

const S = '[ \\t\\r\\n]';
const quoted = (value: string) => `(?:"${value}"|'${value}')`;
const DECLARATION = new RegExp(
  `^${S}+version${S}*=${S}*${quoted('1\\.0')}` +
    `(?:${S}+encoding${S}*=${S}*(?:"([A-Za-z][-.\\w]*)"|'([A-Za-z][-.\\w]*)'))?` +
    `(?:${S}+standalone${S}*=${S}*${quoted('(?:yes|no)')})?${S}*$`,
);

/** Checks what stands between `<?xml` and `?>`: XML 1.0 in UTF-8 is taken and nothing else. */
export function checkDeclaration(content: string): void {
  const match = DECLARATION.exec(content);
  if (match === null) throw malformed('its XML declaration is not one of XML 1.0');
  const encoding = match[1] ?? match[2] ?? 'utf-8';
  if (encoding.toLowerCase() !== 'utf-8') throw malformed('it is not encoded in UTF-8');
}
