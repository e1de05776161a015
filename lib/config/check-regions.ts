import { choiceOf } from './aws-services.ts';
import { type Endpoints, secretsOf } from './endpoints.ts';
import type { ConfigIssue } from './errors.ts';
import type { Config } from './schema.ts';

/**
 * Alarms tell topics of their own region, a secret's key is of the secret's region, and a function asks Secrets Manager
 * of its own: what is named by its ARN is all of the region of the stack.
 */
export function checkRegions(config: Endpoints & Pick<Config, 'aws'>): ConfigIssue[] {
  const [first, ...others] = placesOf(config);
  return others.flatMap(({ path, region }) =>
    region === first?.region
      ? []
      : [
          {
            path,
            message:
              `is in ${region}, but ${first?.path} is in ${first?.region}; all of them must be in the region of the ` +
              'stack',
          },
        ],
  );
}

/** What of a configuration says by its ARN in which region the stack is. */
export function placesOf({
  aws,
  ...config
}: Endpoints & Pick<Config, 'aws'>): readonly { readonly path: string; readonly region: string }[] {
  const { network } = aws ?? {};
  // An endpoint is of its own region; a workspace of another one is reached over the internet.
  const byEndpoint = network !== undefined && choiceOf('aps-workspaces', network) !== 'none';
  const named: readonly (readonly [path: string, arn: string | undefined])[] = [
    ['aws.stateTable.integritySecret', aws?.stateTable?.integritySecret],
    ['aws.kmsKeyArn', aws?.kmsKeyArn],
    ['aws.alarms.topicArn', aws?.alarms.topicArn],
    ...(byEndpoint ? [['remoteWrite.workspaceArn', config.remoteWrite?.workspaceArn] as const] : []),
    ...secretsOf(config).map(({ path, secret }) => [path, secret] as const),
  ];
  return named.flatMap(([path, arn]) => {
    const region = arn?.startsWith('arn:') === true ? arn.split(':')[3] : undefined;
    return region === undefined ? [] : [{ path, region }];
  });
}
