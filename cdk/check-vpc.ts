import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { partsOf } from '../lib/config/aws-services.ts';
import { ConfigError } from '../lib/config/errors.ts';
import { readDeployment } from './read-deployment.ts';
import { readVpcFacts } from './vpc-facts.ts';
import { vpcIssues } from './vpc-issues.ts';

const PATIENCE_MS = 60_000;
const NO_ANSWER =
  'AWS told nothing of the VPC; check that "aws sts get-caller-identity" works here, with rights to ec2:Describe*: ';

/** `npm run check:vpc -- <configuration>`: compares a configuration with its VPC, by the AWS command line. */
async function main(file: string | undefined): Promise<void> {
  if (file === undefined || file === '') {
    throw new ConfigError('the command', [
      { path: '', message: 'names no configuration; write npm run check:vpc -- vsweep.yaml' },
    ]);
  }
  const { config } = readDeployment(file);
  const { aws } = config;
  const { network } = aws;
  if (network === undefined || network.vpcId === 'new') {
    process.stdout.write(`${file}: no VPC to look at; the stack makes its own, or needs none\n`);
    return;
  }
  const facts = await readVpcFacts(network.vpcId, describeByCli);
  const issues = vpcIssues(network, facts, partsOf(aws, config));
  if (issues.length > 0) throw new ConfigError(file, issues);
  process.stdout.write(`${file}: ${network.vpcId} fits\n`);
}

async function describeByCli(command: string, ...args: string[]): Promise<unknown> {
  const { AWS_REGION: region } = process.env;
  // Version 1 of the command line does not read AWS_REGION, by which CDK, the SDK and version 2 go first:
  // https://docs.aws.amazon.com/cli/v1/userguide/cli-configure-envvars.html
  const env = region === undefined ? process.env : { ...process.env, AWS_DEFAULT_REGION: region };
  const options = { timeout: PATIENCE_MS, maxBuffer: 64 * 1024 * 1024, env };
  const { stdout } = await promisify(execFile)('aws', ['ec2', command, ...args, '--output', 'json'], options);
  return JSON.parse(stdout);
}

try {
  await main(process.argv[2]);
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else process.stderr.write(`${NO_ANSWER}${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
