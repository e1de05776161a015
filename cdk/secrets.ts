import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Config } from '../lib/config/schema.ts';
import type { BundledFunction } from './bundled-function.ts';

type Source = Config['targets'][number]['credentials'] | undefined;

/** The names of the secrets that a part of the configuration reads. */
export const targetSecrets = ({ targets }: Pick<Config, 'targets'>): string[] =>
  targets.flatMap(({ credentials }) => secretOf(credentials));
export const hostSecrets = ({ esxi }: Pick<Config, 'esxi'>): string[] => secretOf(esxi?.credentials);
export const pushSecrets = ({ push }: Pick<Config, 'push'>): string[] => secretOf(push?.credentials);
export const netboxSecrets = ({ netbox }: Pick<Config, 'netbox'>): string[] => secretOf(netbox?.token);

const secretOf = (source: Source): string[] =>
  source !== undefined && 'secret' in source ? [source.secret] : [];

/**
 * Lets a function read these secrets, by name or ARN, and no other. They are the operator's: the stack makes none, so
 * it never deletes one.
 */
export function grantSecrets(secrets: readonly string[], reader: BundledFunction): void {
  if (secrets.length === 0) return;
  const resources = Array.from(new Set(secrets), (secret) => arnOf(secret, Stack.of(reader)));
  reader.allow(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources }));
}

/** Secrets Manager ends each ARN with six characters of its own. */
function arnOf(secret: string, stack: Stack): string {
  if (secret.startsWith('arn:')) return secret;
  return stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${secret}-??????`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
