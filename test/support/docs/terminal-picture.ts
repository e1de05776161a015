/** A picture of a terminal: text with the colours of `paint` as SVG, which needs no font but a monospaced one. */
const COLUMN = 8.4;
const ROW = 18;
const MARGIN = 16;
const COLOURS: Readonly<Record<string, string>> = { 31: '#ff7b72', 33: '#e3b341' };
/** Of the colour that begins or ends here: the sequences that `paint` writes. */
const SEQUENCE = new RegExp(`${'\u001b'}\\[(\\d+)m`);

export function toTerminalPicture(text: string, columns: number): string {
  const lines = text.split('\n');
  const width = columns * COLUMN + 2 * MARGIN;
  const height = lines.length * ROW + 2 * MARGIN;
  const rows = lines.map(
    (line, row) => `<text x="${MARGIN}" y="${MARGIN + (row + 0.75) * ROW}">${toSpans(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Output of vsweep on a terminal">`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g fill="#e6edf3" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function toSpans(line: string): string {
  const [first = '', ...rest] = line.split(SEQUENCE);
  const spans = [escapeXml(first)];
  for (let index = 0; index < rest.length; index += 2) {
    const colour = COLOURS[rest[index] ?? ''];
    const text = escapeXml(rest[index + 1] ?? '');
    spans.push(colour === undefined ? text : `<tspan fill="${colour}">${text}</tspan>`);
  }
  return spans.join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escapeXml = (text: string): string => text.replace(/[&<>]/g, (one) => ENTITIES[one] ?? one);
