import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { App, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import type { Given } from '../../cdk/given.ts';
import { readDeployment } from '../../cdk/read-deployment.ts';
import { readLocalMark } from '../../lib/cli/doctor/checks/stack/local-mark.ts';
import { fingerprintOf, parseDescription } from '../../lib/config/deployed-mark.ts';
import { EVERYTHING, EXAMPLE, resourcesOf, synthesise, temporaryFolder, writeConfig } from './synthesise.ts';

const folder = temporaryFolder();
const [PEM = ''] = rootCertificates;
const PARTS = `
targets: [{ name: vc, credentials: { secret: vc }, tls: { ca: ca.pem } }]
sweeps: [{ name: s, every: 1m, collectors: [overall-status] }]
`;

const deployedMark = (file: string, given: Given = {}) =>
  fingerprintOf(readDeployment(file, given).bundledConfig);

describe('the fingerprint of a deployment', () => {
  it.each([EXAMPLE, EVERYTHING])('is what the doctor makes of the same file: %s', async (file) => {
    expect((await readLocalMark(file)).configuration).toBe(deployedMark(file));
  });

  it('is that of the doctor with the certificates beside the file', async () => {
    const file = writeConfig(
      folder,
      `${PARTS}push: { url: https://push }\naws: { alarms: { emails: [a@example.org] } }`,
      {
        'ca.pem': PEM,
      },
    );
    const { configuration, changedAt } = await readLocalMark(file);
    expect(configuration).toBe(deployedMark(file));
    expect(changedAt).toBeLessThanOrEqual(Date.now());
  });

  it('is that of the doctor where an app gives topic and key in place of the file', async () => {
    const stack = new Stack(new App(), 'Given');
    const given = { alarmTopic: new Topic(stack, 'Topic'), secretsKey: new Key(stack, 'Key') };
    const file = writeConfig(folder, `${PARTS}push: { url: https://push }\naws: { split: target }`, {
      'ca.pem': PEM,
    });
    expect((await readLocalMark(file)).configuration).toBe(deployedMark(file, given));
  });

  it('is in the description of each function, with the version of the package', async () => {
    const { version, configuration } = await readLocalMark(EVERYTHING);
    const functions = Object.values(
      resourcesOf(synthesise(EVERYTHING, join(folder, 'described')), 'AWS::Lambda::Function'),
    ).filter(({ FunctionName }) => String(FunctionName).startsWith('Vsweep-'));
    expect(functions.map(({ Description }) => parseDescription(String(Description)))).toEqual(
      Array(3).fill({ version, configuration }),
    );
  });
});
