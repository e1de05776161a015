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
      'green aws Vsweep: there are credentials, and a region: eu-central-1',
      'green stack Vsweep: exists in this account and region',
      'green deployment Vsweep: the last one is complete (CREATE_COMPLETE)',
      ...['sweep', 'collect-batch', 'poll'].map(
        (name) => `green function Vsweep-${name}: is active, and has this version and this configuration`,
      ),
      `green secret ${SECRET}: exists, and has a value`,
      'green integrity secret Vsweep: exists, and has a value',
    ]);
    // Its CloudFormation makes a table without both, and lists neither schedules nor alarms.
    expect(said('table', 'last run', 'dead letters')).toEqual([
      'green table Vsweep: is active',
      'yellow table Vsweep: items do not expire (DISABLED): the table grows',
      expect.stringMatching(/^yellow table Vsweep: point-in-time recovery is off/),
      expect.stringMatching(/^yellow last run services: no run has ended yet; it was deployed less than /),
      expect.stringMatching(/^yellow last run slow: no run has ended yet; it was deployed less than /),
      'green dead letters Vsweep: the queue of failed runs is empty',
    ]);
    // It has no such call, and answers with a page.
    expect(said('concurrency')).toEqual([
      expect.stringMatching(/^red concurrency Vsweep: lambda:GetAccountSettings: SyntaxError: [^\n]*$/),
    ]);
  });
});
