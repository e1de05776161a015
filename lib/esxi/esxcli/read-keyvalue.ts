/** `structure[3].Nic.MTU.integer=1500`, or `VersionGet.Version.string=8.0.3` of an object. */
const LINE = /^(?:structure\[(?<index>\d{1,5})\]\.)?[A-Za-z]\w*\.(?<field>[A-Za-z]\w*)\.(?<rest>\S.*)$/;
const SCALAR = /^[a-z][A-Za-z]*=(?<value>.*)$/;
const EMPTY_ARRAY = /^[a-z][A-Za-z]*\[\] *=/;
const ELEMENT = /^[a-z][A-Za-z]*\[(?<at>\d{1,5})\]\./;

/**
 * Lines of esxcli's format `keyvalue`: rows by their index, or one object. Of an array only its length is kept. A line of
 * another form belongs to the value before it, which had an end of line. Undefined for text that does not begin so.
 */
export function readKeyvalue(text: string): (readonly (readonly [string, string | number])[])[] | undefined {
  const lines = text.split('\n');
  if (readField(lines[0] ?? '') === undefined) return undefined;
  const rows = new Map<string, Map<string, string | number>>();
  for (const line of lines) {
    const found = readField(line);
    if (found === undefined) continue;
    const row = rows.get(found.index) ?? new Map<string, string | number>();
    rows.set(found.index, row);
    row.set(found.field, found.value);
  }
  return Array.from(rows.values(), (row) => [...row]);
}

function readField(line: string): { index: string; field: string; value: string | number } | undefined {
  const { index = '', field = '', rest = '' } = LINE.exec(line.trim())?.groups ?? {};
  const scalar = SCALAR.exec(rest)?.groups?.['value'];
  if (scalar !== undefined) return { index, field, value: scalar };
  if (EMPTY_ARRAY.test(rest)) return { index, field, value: 0 };
  const at = ELEMENT.exec(rest)?.groups?.['at'];
  return at === undefined ? undefined : { index, field, value: Number(at) + 1 };
}
