import { Fn, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { RightsHolder } from './rights-holder.ts';

/**
 * The random secret by which sweep and worker know each other's requests, and what they wrote into the state table
 * (docs/adr/0024). It belongs to the table and outlives the stack as that does. A new value would make lists and host
 * keys of the table unknown, and CloudFormation makes one whenever `generateSecretString` changes: it never may.
 */
export class IntegritySecret extends Construct {
  readonly arn: string;
  /** Its name; of an adopted one its ARN. */
  readonly nameOrArn: string;

  /** `adopted` is the ARN of the secret of a table that is adopted with it. */
  constructor(scope: Construct, id: string, { adopted }: { adopted: string | undefined }) {
    super(scope, id);
    if (adopted !== undefined) {
      this.arn = adopted;
      this.nameOrArn = adopted;
      return;
    }
    const secret = new Secret(this, 'Secret', {
      description:
        'vsweep: seals requests of workers and items of the state table. Do not change or rotate it.',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.arn = secret.secretArn;
    this.nameOrArn = generatedName(secret.secretArn);
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions::AwsSolutions-SMG4',
      reason:
        'A rotation would make host lists and pinned host keys of the state table unknown, and end in first contact with every host.',
    });
  }

  grantRead(reader: RightsHolder): void {
    reader.allow(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [this.arn] }));
  }
}

/** CloudFormation names a secret `<logical id>-<random>`, and Secrets Manager appends `-` and six characters. */
function generatedName(arn: string): string {
  const parts = Fn.split('-', Fn.select(6, Fn.split(':', arn)));
  return Fn.join('-', [Fn.select(0, parts), Fn.select(1, parts)]);
}
