import { CfnOutput, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Deployment } from './read-deployment.ts';
import { Vsweep } from './vsweep.ts';

/** The stack of a configuration: `Vsweep`, with its outputs, and tags of the stack itself. */
export class VsweepStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { deployment, ...props }: StackProps & { deployment: Deployment },
  ) {
    super(scope, id, { description: 'vsweep: sweeps vSphere fleets and pushes to a Pushgateway', ...props });
    for (const [key, value] of Object.entries(deployment.config.aws.tags)) Tags.of(this).add(key, value);
    // The CDK leaves this id out of logical ids, so that they are those of a stack that has its parts itself.
    const { outputs } = new Vsweep(this, 'Default', { config: deployment });
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
