import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { doctor } from '../../integration/cli/doctor/run-doctor.ts';
import { CONFIG, SECRET } from '../../integration/cli/doctor/stack/deployed-here.ts';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { type Moto, startMoto } from '../../support/peers/moto.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { synthesiseTemplate } from '../../support/peers/synthesised-template.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';

describeWithPeers(['moto'], 'the doctor and AWS as moto has it', () => {
  let moto: Moto;
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await createTemporaryFolder('doctor');
    await writeFile(join(folder.path, 'vsweep.yaml'), stringify(CONFIG), { mode: 0o600 });
    await using synthesised = await synthesiseTemplate(CONFIG);
    moto = await startMoto();
    await moto.deploy(synthesised.template);
    const client = new SecretsManagerClient({ endpoint: moto.url, ...TEST_ACCOUNT });
    await client.send(
      new CreateSecretCommand({ Name: SECRET, SecretString: '{"username":"a","password":"b"}' }),
    );
    client.destroy();
  });
  afterAll(async () => {
    await moto?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  it('understands its descriptions of what CloudFormation has made', async () => {
    const { region, credentials } = TEST_ACCOUNT;
    const found = await doctor({
      folder: folder.path,
      env: {
        AWS_ENDPOINT_URL: moto.url,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      },
    });
    const said = (...checks: string[]) =>
      found.lines
        .filter(({ check }) => checks.includes(check))
        .map(({ check, subject, colour, reason }) => `${colour} ${check} ${subject}: ${reason}`);
    expect(said('aws', 'stack', 'deployment', 'function', 'secret', 'integrity secret')).toEqual([
      'green aws Vsweep: looks at account 123456789012, region eu-central-1',
      'green stack Vsweep: exists in account 123456789012, region eu-central-1',
      'green deployment Vsweep: the last deployment is complete (CREATE_COMPLETE)',
      ...['sweep', 'collect-batch', 'poll'].map(
        (name) => `green function Vsweep-${name}: is active, and has this version and this configuration`,
      ),
      `green secret ${SECRET}: exists, and has a value`,
      'green integrity secret Vsweep: exists, and has a value',
    ]);
    // What else its CloudFormation makes of the template, or leaves out, is no business of ours.
    expect(said('table')).toContain('green table Vsweep: is active');
    expect(said('dead letters')).toEqual(['green dead letters Vsweep: the queue of failed runs is empty']);
  });
});
