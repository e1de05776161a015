import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { stackOf } from '../lib/config/deployed-names.ts';
import { ConfigError } from '../lib/config/errors.ts';
import { readDeployment } from './read-deployment.ts';
import { VsweepStack } from './vsweep-stack.ts';

const NO_CONFIG =
  'names no configuration, and one of another deployment would replace this one. Write -c config=<path>, such as ' +
  '"npx cdk deploy -c config=vsweep.yaml"; examples/aws-vpc.yaml is one to start from';

/** Synthesises the stack of the configuration that `-c config=<path>` names. */
function main(): void {
  const app = new App();
  const file: unknown = app.node.tryGetContext('config');
  if (typeof file !== 'string' || file === '') {
    throw new ConfigError('the command', [{ path: '', message: NO_CONFIG }]);
  }
  const deployment = readDeployment(file);
  new VsweepStack(app, stackOf(deployment.config), { deployment });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
