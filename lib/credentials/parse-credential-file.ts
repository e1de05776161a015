import {
  type CST,
  type Document,
  isMap,
  isScalar,
  type ParsedNode,
  Parser,
  parseDocument,
  Scalar,
} from 'yaml';
import { CREDENTIAL_PARTS, type CredentialValue, malformed, SHAPES, toValue } from './parse-credential.ts';

const QUOTE = `Put the value in single quotes on one line and write a quote in it twice: password: 'it''s #1'`;

/**
 * Reads a file's text, YAML or JSON. Every scalar is taken as written: a password 0123 needs no quotes. What YAML
 * would shorten, fold or name otherwise is refused, because a wrong password would be tried on every host.
 */
export function parseCredentialYaml(yaml: string, credentialId: string): CredentialValue {
  if (yaml.trimStart().startsWith('-----BEGIN')) {
    throw malformed(
      credentialId,
      `is a private key alone. Write a line "username: <name>", then "privateKey: |", then the key, each line of it indented by two spaces.`,
    );
  }
  const document = parseDocument(yaml, { schema: 'failsafe', logLevel: 'error', prettyErrors: false });
  if (document.errors.some(({ code }) => code === 'MULTIPLE_DOCS')) {
    throw malformed(
      credentialId,
      'has a second document after "---". Write one user and its password in each file.',
    );
  }
  if (document.errors.length > 0) {
    throw malformed(credentialId, `is not YAML or JSON. It must be ${SHAPES}. ${QUOTE}.`);
  }
  if (commentsBesideText(yaml)) {
    throw malformed(
      credentialId,
      `has a "#" that starts a comment in YAML. ${QUOTE}; write a comment on its own line.`,
    );
  }
  const parts = partsOf(document, yaml, credentialId);
  if (parts === undefined) {
    throw malformed(
      credentialId,
      "has no keys and values. Write two lines: username: <name> and password: '<password>'.",
    );
  }
  return toValue(parts, credentialId);
}

/** The parts of a credential; undefined when the document is no map. Other keys may hold anything. */
function partsOf(document: Document, yaml: string, credentialId: string): unknown {
  const map = document.contents;
  if (!isMap(map)) return undefined;
  const parts: Record<string, unknown> = {};
  for (const part of CREDENTIAL_PARTS) {
    const node = map.get(part, true) as ParsedNode | undefined;
    if (node === undefined) continue;
    if (!isAsWritten(node, { part, inBraces: map.flow === true, yaml })) {
      const block =
        part === 'privateKey' ? ' Or write the key as it is, indented, below "privateKey: |".' : '';
      throw malformed(credentialId, `has a value that is not plain text in: ${part}. ${QUOTE}.${block}`);
    }
    if (part !== 'privateKey' && node.type === Scalar.PLAIN && /^[\u2018-\u201f]/.test(String(node.value))) {
      throw malformed(credentialId, `begins with a typographic quote in: ${part}. ${QUOTE}.`);
    }
    parts[part] = node.value;
  }
  return parts;
}

/** Whether the value is the characters of the file: no list, tag, anchor or alias, and no line break but in a key: a folded text has one. */
function isAsWritten(
  node: ParsedNode,
  { part, inBraces, yaml }: { part: string; inBraces: boolean; yaml: string },
): node is Scalar.Parsed {
  if (!isScalar(node) || node.anchor !== undefined || node.tag !== undefined) return false;
  if (node.type === Scalar.BLOCK_LITERAL) return part === 'privateKey';
  // In braces a comma ends a plain text.
  if (node.type === Scalar.PLAIN && inBraces) return false;
  const [start, end] = node.range;
  return !yaml.slice(start, end).includes('\n');
}

function commentsBesideText(yaml: string): boolean {
  return [...new Parser().parse(yaml)].some((token) => holdsCommentBesideText(token, yaml));
}

function holdsCommentBesideText(token: unknown, yaml: string): boolean {
  if (typeof token !== 'object' || token === null) return false;
  if ('type' in token && token.type === 'comment') {
    const { offset } = token as CST.SourceToken;
    return offset > 0 && yaml[offset - 1] !== '\n';
  }
  return Object.values(token).some((one) => holdsCommentBesideText(one, yaml));
}
