import { parseDocument } from 'yaml';
import { type CredentialValue, parsedOr, toValue } from './parse-credential.ts';

/** Reads a file's text, YAML or JSON. Every scalar is taken as written: a password 0123 needs no quotes. */
export function parseCredentialYaml(yaml: string, credentialId: string): CredentialValue {
  return toValue(parsedOr(yaml, credentialId, 'YAML or JSON', parseFailsafe), credentialId);
}

function parseFailsafe(yaml: string): unknown {
  const document = parseDocument(yaml, { schema: 'failsafe', logLevel: 'silent' });
  const [fault] = document.errors;
  if (fault !== undefined) throw fault;
  return document.toJS();
}
