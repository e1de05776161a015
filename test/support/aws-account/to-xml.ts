/** An answer of AWS's query protocol, in which a list is `<member>`s. */
export const toXml = (operation: string, result: Readonly<Record<string, unknown>>): string =>
  `<${operation}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${operation}Result>${inner(result)}</${operation}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${operation}Response>`;

function inner(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => `<member>${inner(one)}</member>`).join('');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => `<${key}>${inner(one)}</${key}>`)
      .join('');
  return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
