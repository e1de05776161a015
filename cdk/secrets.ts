import { Annotations, ArnFormat, Stack, Token, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { planSecretRights } from '../lib/config/secret-rights.ts';
import type { RightsHolder } from './rights-holder.ts';

const READ = ['secretsmanager:GetSecretValue'];

/**
 * Lets a function read these secrets, by name or ARN, and no other; where they are too many for its policies, those
 * whose names begin like theirs, but never one of `guarded` that it does not need. They are the operator's: the stack
 * makes none, so it never deletes one.
 */
export function grantSecrets(
  secrets: readonly string[],
  reader: RightsHolder,
  { guarded }: { readonly guarded: readonly string[] },
): void {
  const plan = planSecretRights(secrets);
  if (plan.kind === 'none') throw new RangeError('the configuration was to be checked for this');
  const stack = Stack.of(reader);
  if (plan.kind === 'prefix') {
    const resource = secretArn(`${plan.prefix}*`, stack);
    const needed = new Set(secrets);
    const denied = guarded.filter((secret) => !needed.has(nameOf(secret))).map((one) => arnOf(one, stack));
    reader.allowInPolicyOfItsOwn('Secrets', [
      new PolicyStatement({ actions: READ, resources: [resource] }),
      ...(denied.length === 0
        ? []
        : [new PolicyStatement({ effect: Effect.DENY, actions: READ, resources: denied })]),
    ]);
    sayWide(reader, plan);
    return;
  }
  const statements = plan.statements.map(
    (names) => new PolicyStatement({ actions: READ, resources: names.map((name) => arnOf(name, stack)) }),
  );
  const [first, ...more] = statements;
  if (first !== undefined) reader.allow(first);
  for (const [index, statement] of more.entries())
    reader.allowInPolicyOfItsOwn(`Secrets${index}`, [statement]);
}

function sayWide(
  reader: RightsHolder,
  { prefix, count }: { readonly prefix: string; readonly count: number },
): void {
  const text = `may read every secret whose name begins with "${prefix}": ${count} secrets no longer fit its policies`;
  Annotations.of(reader).addWarningV2('vsweep:secrets-by-prefix', text);
  Validations.of(reader).acknowledge({
    // cdk-nag writes a pseudo parameter so.
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${prefix}*]`,
    reason: `${count} secrets do not fit the policies that a role may have; docs/deploy.md says how far the right reaches.`,
  });
}

/** Lets a function decrypt with the operator's key, through Secrets Manager alone. */
export function grantSecretsKey(keyArn: string, reader: RightsHolder): void {
  reader.allow(
    new PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [keyArn],
      conditions: {
        StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(reader).region}.amazonaws.com` },
      },
    }),
  );
}

/** A plan by prefix has names alone; what is guarded may be given by its ARN. */
const nameOf = (secret: string): string => secret.replace(/^arn:.*:secret:(.*)-.{6}$/, '$1');

/** Secrets Manager ends each ARN with six characters of its own. */
const arnOf = (secret: string, stack: Stack): string =>
  Token.isUnresolved(secret) || secret.startsWith('arn:') ? secret : secretArn(`${secret}-??????`, stack);

const secretArn = (resourceName: string, stack: Stack): string =>
  stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
