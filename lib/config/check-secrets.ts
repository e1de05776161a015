import { type Endpoints, secretsOf } from './endpoints.ts';
import type { ConfigIssue } from './errors.ts';
import { MAX_MANAGED_BYTES, MAX_MANAGED_POLICIES, planSecretRights } from './secret-rights.ts';

/** Secrets Manager ends an ARN with "-" and six characters; IAM compares the whole of it. */
const WHOLE_SECRET_ARN = /^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/;
const PARTIAL_ARN =
  'is a partial ARN, to which a function cannot get a right. Write the name of the secret, or the ARN that this prints: ' +
  'aws secretsmanager describe-secret --secret-id <name> --query ARN';

/** Whether the functions can be given the right to read what the configuration names. */
export function checkSecrets(config: Endpoints): ConfigIssue[] {
  const named = secretsOf(config);
  const partial = named.filter(({ secret }) => secret.startsWith('arn:') && !WHOLE_SECRET_ARN.test(secret));
  // The sweep function reads them all.
  const rights = planSecretRights(named.map(({ secret }) => secret));
  return [
    ...partial.map(({ path }) => ({ path, message: PARTIAL_ARN })),
    ...(rights.kind === 'none' ? [{ path: 'targets', message: tooManySecrets(rights.count) }] : []),
  ];
}

const tooManySecrets = (count: number) =>
  `have ${count} secrets, more than the policies of a role can name (${MAX_MANAGED_POLICIES} managed ones of ` +
  `${MAX_MANAGED_BYTES} characters); give their names a common prefix, such as vsweep/<target>, or share secrets`;
