import { CfnRule } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { letPublish } from './alarm-topic.ts';
import type { RightsHolder } from './rights-holder.ts';

interface SecretReadsProps {
  /** By name or ARN. */
  readonly secrets: readonly string[];
  readonly readers: readonly RightsHolder[];
  readonly topic: ITopic;
}

/**
 * Tells who reads the hosts' secret or the integrity secret and is none of vsweep's functions. Reads of secrets are management events that
 * only read: a rule sees them in this state alone, and where a trail of the account logs them
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html).
 */
export class SecretReads extends Construct {
  readonly ruleName: string;

  constructor(scope: Construct, id: string, { secrets, readers, topic }: SecretReadsProps) {
    super(scope, id);
    const roles = readers.map(({ roleArn }) => roleArn);
    const rule = new CfnRule(this, 'Rule', {
      description:
        "vsweep: somebody else than vsweep's functions read the hosts' secret or the integrity secret",
      state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      eventPattern: {
        source: ['aws.secretsmanager'],
        'detail-type': ['AWS API Call via CloudTrail'],
        detail: {
          eventName: ['GetSecretValue'],
          requestParameters: { secretId: secrets.flatMap(waysToName) },
          userIdentity: {
            $or: [
              { sessionContext: { sessionIssuer: { arn: [{ 'anything-but': roles }] } } },
              { sessionContext: { sessionIssuer: { arn: [{ exists: false }] } } },
            ],
          },
        },
      },
      targets: [{ id: 'Topic', arn: topic.topicArn }],
    });
    this.ruleName = rule.ref;
    letPublish(topic, 'events.amazonaws.com', { ArnEquals: { 'aws:SourceArn': rule.attrArn } });
  }
}

/** A caller names a secret by its name, its ARN, or its ARN without the six characters of Secrets Manager's own. */
function waysToName(secret: string): (string | object)[] {
  if (secret.startsWith('arn:')) {
    const name = secret.replace(/^.*:secret:/, '').replace(/-.{6}$/, '');
    return [secret, secret.slice(0, -7), name];
  }
  return [secret, { wildcard: `arn:*:secret:${secret}-*` }, { suffix: `:secret:${secret}` }];
}
