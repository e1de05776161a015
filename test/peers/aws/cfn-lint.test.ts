import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEPLOYMENT_VARIANTS } from '../../support/deployment-variants.ts';
import { cfnLint, describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { synthesiseTemplate } from '../../support/peers/synthesised-template.ts';

/** CDK has a function wait for its role's policies by naming the role too, which the reference to it says already. */
const SAID_TWICE = 'W3005';

function lint(file: string) {
  const args = ['--regions', 'eu-central-1', '--ignore-checks', SAID_TWICE, '--template', file];
  const { status, stdout, stderr } = spawnSync(cfnLint, args, { encoding: 'utf8' });
  return { status, found: `${stdout}${stderr}`.trim() };
}

describeWithPeers(['cfn-lint'], 'cfn-lint', () => {
  it.each(['vsweep.yaml', 'aws-vpc.yaml'])(
    'finds nothing in the template of examples/%s',
    async (example) => {
      await using synthesised = await synthesiseTemplate(example);
      expect(lint(synthesised.file)).toEqual({ status: 0, found: '' });
    },
  );

  it.each(Object.entries(DEPLOYMENT_VARIANTS))(
    'finds nothing in the template of %s',
    async (_name, config) => {
      await using synthesised = await synthesiseTemplate(config);
      expect(lint(synthesised.file)).toEqual({ status: 0, found: '' });
    },
  );

  it('would find a property that there is not', async () => {
    await using synthesised = await synthesiseTemplate('vsweep.yaml');
    const { template, file } = synthesised;
    const queue = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::SQS::Queue');
    Object.assign(queue?.Properties ?? {}, { Retention: 14 });
    writeFileSync(file, JSON.stringify(template));
    expect(lint(file).found).toContain("('Retention' was unexpected)");
  });
});
