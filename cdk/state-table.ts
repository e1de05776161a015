import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { BundleName } from './bundle.ts';
import type { RightsHolder } from './rights-holder.ts';
import { tableRightsOf } from './table-rights.ts';

/** What vsweep remembers between runs. Refusals in it keep accounts from being locked, so it outlives the stack. */
export class StateTable extends Construct {
  readonly tableName: string;
  readonly #tableArn: string;

  /** `adopted` is the name of a table that is there already; the stack then makes none, and changes nothing of it. */
  constructor(scope: Construct, id: string, { adopted }: { adopted: string | undefined }) {
    super(scope, id);
    if (adopted !== undefined) {
      this.tableName = adopted;
      this.#tableArn = Stack.of(this).formatArn({
        service: 'dynamodb',
        resource: 'table',
        resourceName: adopted,
      });
      return;
    }
    const table = new TableV2(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // Of claims alone, which say when nobody needs them any more.
      timeToLiveAttribute: 'expiresAt',
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.tableName = table.tableName;
    this.#tableArn = table.tableArn;
  }

  /** Lets a part do what table-rights.ts says of it. */
  grant(name: BundleName, user: RightsHolder, config: Parameters<typeof tableRightsOf>[1]): void {
    for (const { actions, keys } of tableRightsOf(name, config)) {
      user.allow(
        new PolicyStatement({
          actions: actions.map((action) => `dynamodb:${action}`),
          resources: [this.#tableArn],
          conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...keys] } },
        }),
      );
    }
  }
}
