import { Validations } from 'aws-cdk-lib';
import {
  type IGrantable,
  type IPrincipal,
  ManagedPolicy,
  type PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** What runs our code in AWS, with a role of its own that gets its rights one by one. */
export abstract class RightsHolder extends Construct implements IGrantable {
  readonly grantPrincipal: IPrincipal;
  readonly roleArn: string;
  protected readonly role: Role;

  /** `service` of AWS runs the code. */
  constructor(scope: Construct, id: string, { service }: { readonly service: string }) {
    super(scope, id);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal(service) });
    this.grantPrincipal = this.role;
    this.roleArn = this.role.roleArn;
  }

  allow(statement: PolicyStatement): void {
    this.role.addToPrincipalPolicy(statement);
  }

  /** Actions for which no resource can be named; `reason` says so to who audits. */
  allowWithoutResource(statement: PolicyStatement, reason: string): void {
    this.allow(statement);
    Validations.of(this.role).acknowledge({ id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]', reason });
  }

  /** The same in a managed policy: a role's inline policies hold no more than 10,240 characters. */
  allowInPolicyOfItsOwn(id: string, statements: readonly PolicyStatement[]): void {
    new ManagedPolicy(this, id, { roles: [this.role], statements: [...statements] });
  }
}
