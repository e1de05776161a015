import { toShellWord } from '../../../../platform/quote.ts';
import { green, red, type Verdict, yellow } from '../verdict.ts';

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
  {
    id,
    kmsKeyArn,
    integrity,
    where,
  }: { id: string; kmsKeyArn: string | undefined; integrity: boolean; where: string },
): Verdict {
  const name = toShellWord(id);
  if (found === undefined) return judgeMissing(id, { integrity, where });
  const { DeletedDate: deleted, KmsKeyId: key, VersionIdsToStages: versions = {} } = found;
  if (deleted !== undefined)
    return red(
      `is scheduled for deletion since ${deleted.toISOString()}, and cannot be read`,
      `aws secretsmanager restore-secret --secret-id ${name}`,
    );
  if (!Object.values(versions).flat().includes('AWSCURRENT'))
    return red(
      'has no value yet. Write it into secret.json, and delete that file afterwards',
      `aws secretsmanager put-secret-value --secret-id ${name} --secret-string file://secret.json`,
    );
  return judgeKey(key, kmsKeyArn) ?? green('exists, and has a value');
}

function judgeMissing(id: string, { integrity, where }: { integrity: boolean; where: string }): Verdict {
  if (integrity)
    return red(
      'the integrity secret does not exist: no worker believes a request, and host lists are unknown',
    );
  if (id.startsWith('arn:'))
    return red(
      `does not exist in ${where}. Name another secret in the configuration: AWS chooses the end of an ARN`,
    );
  const region = /region (\S+)$/.exec(where)?.[1];
  const at = region === undefined ? '' : ` --region ${toShellWord(region)}`;
  return red(
    `does not exist in ${where}. Write it into secret.json, and delete that file afterwards`,
    `aws secretsmanager create-secret --name ${toShellWord(id)}${at} --secret-string file://secret.json`,
  );
}

/** Nothing where the functions may use the key. An app may have given the construct a key that no file names. */
function judgeKey(key: string | undefined, kmsKeyArn: string | undefined): Verdict | undefined {
  if (key === undefined || OF_AWS.test(key)) return undefined;
  if (kmsKeyArn === undefined)
    return yellow(
      `is encrypted with the key ${key}, and aws.kmsKeyArn names none: the functions can decrypt it only if an app gives that key to the construct`,
    );
  if (key.includes('alias/'))
    return yellow(`is encrypted with ${key}; whether that is aws.kmsKeyArn is not checked`);
  if (idOf(key) === idOf(kmsKeyArn)) return undefined;
  return red(
    `is encrypted with the key ${key}, and aws.kmsKeyArn is ${kmsKeyArn}: the functions cannot decrypt it. Encrypt it with that key`,
  );
}

/** A key is named by its ARN or by its id alone. */
const idOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
