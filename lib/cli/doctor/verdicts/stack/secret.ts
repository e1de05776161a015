import { toShellWord } from '../../../../platform/quote.ts';
import { green, red, type Verdict } from '../verdict.ts';

/** What Secrets Manager says of a secret without its value. */
interface SecretFacts {
  readonly DeletedDate?: Date | undefined;
  readonly KmsKeyId?: string | undefined;
  readonly VersionIdsToStages?: Readonly<Record<string, readonly string[]>> | undefined;
}

const OF_AWS = /(^|[:/])alias\/aws\/secretsmanager$/;

/** `integrity`: the stack's own, which must not be made anew. */
export function judgeSecret(
  found: SecretFacts | undefined,
  { id, kmsKeyArn, integrity }: { id: string; kmsKeyArn: string | undefined; integrity: boolean },
): Verdict {
  const name = toShellWord(id);
  if (found === undefined)
    return integrity
      ? red('the integrity secret does not exist: no worker believes a request, and host lists are unknown')
      : red(
          'does not exist in this account and region. Write it into secret.json, and delete that file afterwards',
          `aws secretsmanager create-secret --name ${name} --secret-string file://secret.json`,
        );
  const { DeletedDate: deleted, KmsKeyId: key, VersionIdsToStages: versions = {} } = found;
  if (deleted !== undefined)
    return red(
      `is to be deleted (marked at ${deleted.toISOString()}), and cannot be read`,
      `aws secretsmanager restore-secret --secret-id ${name}`,
    );
  if (!Object.values(versions).flat().includes('AWSCURRENT'))
    return red(
      'has no value yet. Write it into secret.json, and delete that file afterwards',
      `aws secretsmanager put-secret-value --secret-id ${name} --secret-string file://secret.json`,
    );
  if (key !== undefined && !OF_AWS.test(key) && kmsKeyArn === undefined)
    return red(
      'is encrypted with a key of yours, and aws.kmsKeyArn does not name it: the functions cannot decrypt it',
    );
  return green('exists, and has a value');
}
