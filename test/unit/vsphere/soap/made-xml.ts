import fc from 'fast-check';

const NAMES = [
  'a',
  'b',
  'val',
  'objects',
  'ns:a',
  'p:b',
  'ünïcode',
  'a-1.x_',
  '名',
  '𐐷',
  'xml-a',
  'averyverylongname',
];
const URIS = [
  'urn:vim25',
  'urn:x',
  'http://www.w3.org/2001/XMLSchema-instance',
  'http://www.w3.org/XML/1998/namespace',
  'http://www.w3.org/2000/xmlns/',
  '',
];
const ATTRIBUTES = ['type', 'ns:type', 'p:type', 'xml:lang', 'x', 'ü'];
const DECLARED = ['xmlns', 'xmlns:ns', 'xmlns:p', 'xmlns:xml', 'xmlns:xmlns'];
const REFERENCES = [
  '&amp;',
  '&lt;',
  '&gt;',
  '&quot;',
  '&apos;',
  '&#65;',
  '&#x1F600;',
  '&#13;',
  '&#9;',
  '&#10;',
];
const TEXTS = [
  'plain text of some length',
  '1',
  'ü€',
  '😀',
  ' \n\t',
  '\r\n',
  '\r',
  ']',
  ']]',
  ']]&gt;',
  '>',
  "it's",
  '"quoted"',
  '\u0085\u2028',
  '\uFFFD',
];
const TOKENS = [
  '<',
  '>',
  '/',
  '</',
  '/>',
  '<!',
  '<!--',
  '-->',
  '--',
  '-',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '?',
  '&',
  ';',
  '#',
  'x',
  '=',
  '"',
  "'",
  ' ',
  '\r',
  '\n',
  '\t',
  '\0',
  '\u001f',
  '\uFFFE',
  '\uFFFF',
  ':',
  'xmlns',
  'xmlns:ns=""',
  'a',
  '1',
  '&#0;',
  '&#xD800;',
  '&#x110000;',
  '&#xFFFE;',
  '&nbsp;',
  '&#X41;',
  '&;',
  '<!DOCTYPE a>',
  '<!ENTITY',
  '<?xml version="1.0"?>',
  '<?xml version="1.1"?>',
  '<?XML a?>',
  '<?a b?>',
  '<a>',
  '</a>',
  '<a/>',
  '<a b="c" b="d"/>',
  ' type="x"',
  '\uFEFF',
];

/**
 * Documents for the differential test: mostly well-formed, in every way of writing that XML has, and then spoiled a
 * little more often than not, because the interesting ones are those that are nearly right.
 */
export function documents(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 2, arbitrary: whole() },
    {
      weight: 3,
      arbitrary: fc.tuple(whole(), fc.array(spoiling(), { minLength: 1, maxLength: 3 })).map(spoil),
    },
    { weight: 1, arbitrary: fc.array(token(), { maxLength: 12 }).map((tokens) => tokens.join('')) },
  );
}

function token(): fc.Arbitrary<string> {
  return fc.constantFrom(...TOKENS);
}

function whole(): fc.Arbitrary<string> {
  const declaration = fc.constantFrom(
    '',
    '',
    '<?xml version="1.0"?>',
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>",
    '<?xml version="1.0" encoding="ISO-8859-1"?>',
    '\uFEFF<?xml version="1.0"?>',
  );
  return fc
    .tuple(declaration, misc(), element().node, misc())
    .map(([head, before, root, after]) => `${head}${before}${root}${after}`);
}

function misc(): fc.Arbitrary<string> {
  const part = fc.constantFrom(' ', '\n', '\r', '<!-- c -->', '<!---->', '<?pi some data?>', '<?pi?>');
  return fc.array(part, { maxLength: 2 }).map((parts) => parts.join(''));
}

function element(): { node: fc.Arbitrary<string> } {
  return fc.letrec<{ node: string; content: string }>((tie) => ({
    node: fc
      .tuple(
        fc.constantFrom(...NAMES),
        attributes(),
        fc.array(tie('content'), { maxLength: 4 }),
        fc.nat(5),
        space(),
      )
      .map(([name, list, content, style, gap]) => {
        if (style === 0 && content.length === 0) return `<${name}${list}${gap}/>`;
        return `<${name}${list}${gap}>${content.join('')}</${name}${gap}>`;
      }),
    content: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(...TEXTS),
      fc.constantFrom(...REFERENCES),
      fc.constantFrom(
        '<![CDATA[]]>',
        '<![CDATA[<raw> & ]] \r\n]]>',
        '<![CDATA[]]]]>',
        '<!-- - > -->',
        '<?t ? > ?>',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }).map((text) => text.replace(/[<&\]]/g, '')),
      tie('node'),
    ),
  })) as { node: fc.Arbitrary<string> };
}

function attributes(): fc.Arbitrary<string> {
  const declaration = fc.tuple(fc.constantFrom(...DECLARED), fc.constantFrom(...URIS, ...URIS.slice(0, 3)));
  const value = fc.array(fc.oneof(fc.constantFrom(...TEXTS), fc.constantFrom(...REFERENCES)), {
    maxLength: 2,
  });
  const ordinary = fc.tuple(
    fc.constantFrom(...ATTRIBUTES),
    fc.oneof(
      fc.constantFrom('xsd:string', 'HostSystem', ''),
      value.map((parts) => parts.join('')),
    ),
  );
  const one = fc
    .tuple(fc.oneof(declaration, ordinary), fc.boolean(), space(), space())
    .map(([[name, text], isSingle, before, after]) => {
      const quote = isSingle ? "'" : '"';
      return ` ${before}${name}${after}=${before}${quote}${text.replaceAll(quote, '')}${quote}`;
    });
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom('', ' xmlns:ns="urn:n" xmlns:p="http://www.w3.org/2001/XMLSchema-instance"'),
    },
    { weight: 2, arbitrary: fc.array(one, { maxLength: 3 }).map((list) => list.join('')) },
  );
}

function space(): fc.Arbitrary<string> {
  return fc.constantFrom('', '', '', ' ', '\n', '\t\r\n');
}

interface Spoiling {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

function spoiling(): fc.Arbitrary<Spoiling> {
  return fc.record({
    at: fc.nat(2_000),
    remove: fc.constantFrom(0, 0, 1, 2, 9),
    insert: fc.oneof(fc.constant(''), token()),
  });
}

function spoil([document, spoilings]: [string, readonly Spoiling[]]): string {
  return spoilings.reduce((text, { at, remove, insert }) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + insert + text.slice(place + remove);
  }, document);
}
