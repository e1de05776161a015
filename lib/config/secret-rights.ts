/**
 * How a role is let read many secrets. IAM takes 10,240 characters of inline policies in a role, 6,144 in a managed
 * policy and ten managed policies a role, and CDK cannot split a statement
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
 */
export type SecretRights =
  /** The names or ARNs of each statement; the first one inline, each other in a managed policy of its own. */
  | { readonly kind: 'exact'; readonly statements: readonly (readonly string[])[] }
  /** Every secret whose name begins so. */
  | { readonly kind: 'prefix'; readonly prefix: string; readonly count: number }
  /** They are too many, and their names have no beginning in common. */
  | { readonly kind: 'none'; readonly count: number };

export const MAX_MANAGED_POLICIES = 10;
export const MAX_MANAGED_BYTES = 6_144;
const MAX_ARNS = 35;
/** Of a statement, so that it fits a managed policy with all that stands around it, and the inline one with the rest. */
const MAX_STATEMENT_BYTES = 5_000;
/** The ARN of a name has the longest partition and region there are before it, six characters behind it, and quotes. */
const AROUND_NAME = 'arn:aws-us-gov:secretsmanager:ap-southeast-99:111122223333:secret:-??????'.length + 3;
/** Short of it a name is that of a folder: less in common is not meant to be. */
const PREFIX = /^.+[/_.-]/;

/** Plans the rights to read secrets, by name or ARN. */
export function planSecretRights(secrets: readonly string[]): SecretRights {
  const names = [...new Set(secrets)];
  const statements = inStatements(names);
  if (statements.length <= 1 + MAX_MANAGED_POLICIES) return { kind: 'exact', statements };
  const prefix = commonPrefix(names);
  if (prefix === undefined) return { kind: 'none', count: names.length };
  return { kind: 'prefix', prefix, count: names.length };
}

function inStatements(names: readonly string[]): string[][] {
  const statements: string[][] = [];
  let bytes = 0;
  for (const name of names) {
    const size = AROUND_NAME + Buffer.byteLength(name);
    const last = statements.at(-1);
    if (last === undefined || last.length === MAX_ARNS || bytes + size > MAX_STATEMENT_BYTES) {
      statements.push([name]);
      bytes = size;
    } else {
      last.push(name);
      bytes += size;
    }
  }
  return statements;
}

/** What all names begin with, up to the last separator in it; undefined for none, or where one is an ARN. */
function commonPrefix(names: readonly string[]): string | undefined {
  if (names.some((name) => name.startsWith('arn:'))) return undefined;
  const sorted = names.toSorted();
  const [first = '', last = ''] = [sorted[0], sorted.at(-1)];
  const length = Array.from(first).findIndex((letter, index) => letter !== last[index]);
  return PREFIX.exec(length === -1 ? first : first.slice(0, length))?.[0];
}
