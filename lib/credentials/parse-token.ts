import * as z from 'zod';
import { malformed } from './parse-credential.ts';
import { isPlaceholder } from './placeholder.ts';

const SHAPES = 'the token itself, or {"token": …}, as text without spaces, at most 512 characters';
/** What may stand in a header, and no space, which would be part of a scheme such as "Token …". */
const TOKEN = /^[\x21-\x7e]{1,512}$/;

/** Reads the text of a secret, file or variable that holds a token: as it is, as JSON, or as the YAML `token: …`. */
export function parseToken(text: string, credentialId: string): string {
  const trimmed = text.trim();
  const written = trimmed.startsWith('{')
    ? fromJson(trimmed)
    : (/^token:[ \t]*(?<quote>['"]?)(?<token>.*)\k<quote>$/.exec(trimmed)?.groups?.['token'] ?? trimmed);
  if (written !== undefined && isPlaceholder(written))
    throw malformed(
      credentialId,
      `is a placeholder such as $NAME, \${NAME}, {{ name }} or <name>. vsweep replaces none: write the token itself.`,
    );
  if (written !== undefined && TOKEN.test(written)) return written;
  const scheme = written === undefined ? undefined : /^(?:Token|Bearer) /i.exec(written)?.[0].trim();
  const what =
    scheme === undefined ? 'has no token' : `has the word "${scheme}" before the token; leave it out`;
  throw malformed(credentialId, `${what}. It must be ${SHAPES}.`);
}

function fromJson(text: string): string | undefined {
  try {
    return z.object({ token: z.string() }).safeParse(JSON.parse(text)).data?.token;
  } catch {
    // What the parser says quotes the secret and is not passed on.
    return undefined;
  }
}
