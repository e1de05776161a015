import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { type DemoEstate, PASSWORDS, SECRETS, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { type Ended, vsweep } from '../cli/vsweep-process.ts';

const TARGET = 'vc01.example.org';
const { region, credentials } = TEST_ACCOUNT;

describe('vsweep invoke sweep', () => {
  let estate: DemoEstate;
  /** Without a vsweep.yaml: what is deployed has its own. */
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await createTemporaryFolder('operator');
    estate = await startDemoEstate({ targets: { [TARGET]: healthyHosts(2, { network: 29 }) } });
  });
  afterAll(async () => {
    await estate?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const invoke = (...args: string[]): Promise<Ended> => {
    const env = {
      AWS_ENDPOINT_URL_LAMBDA: estate.aws.lambda.url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
    return vsweep({ folder: folder.path, env }, 'invoke', 'sweep', ...args);
  };

  it('says of a run that came to nothing why, and exits 1', async () => {
    estate.aws.secrets.remove(SECRETS.vcenter(TARGET));
    const { output, errors, exitCode } = await invoke('services', '--stack', 'vsweep');
    expect(exitCode).toBe(1);
    expect(output).toBe('');
    expect(errors).toContain('RunFailedError: sweep services came to nothing');
    expect(errors).toContain(`secret:vsweep/${TARGET} is not in Secrets Manager`);
    estate.aws.secrets.put(SECRETS.vcenter(TARGET), {
      username: 'vsweep@vsphere.local',
      password: PASSWORDS.vcenter,
    });
  });

  it('prints the summary as "vsweep sweep" does, and exits as that', async () => {
    const { output, errors, exitCode } = await invoke('services', '--stack', 'vsweep');
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(output).toMatch(/^sweep services at .*, exit code 0$/m);
    expect(output).toContain(`${TARGET}: listed;`);
    expect(output).toMatch(/^ssh +2 +2 +0 +0$/m);
  });

  it('goes over one target, and prints the JSON of "vsweep sweep --json"', async () => {
    const { output, exitCode } = await invoke('services', '--stack', 'vsweep', '--target', TARGET, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      sweep: 'services',
      exitCode: 0,
      targets: [{ target: TARGET, push: 'pushed', paths: { ssh: { hosts: 2, ok: 2 } }, hosts: [] }],
    });
  });

  it('exits 2 for a sweep or a target that there is not', async () => {
    const sweep = await invoke('nothing', '--stack', 'vsweep');
    expect(sweep.exitCode).toBe(2);
    expect(sweep.errors).toContain('there is no sweep "nothing"; there are services');
    const target = await invoke('services', '--stack', 'vsweep', '--target', 'vc09');
    expect(target.exitCode).toBe(2);
    expect(target.errors).toContain('has no target "vc09"');
  });

  it('names the function that is not there', async () => {
    const { errors, exitCode } = await invoke('services');
    expect(exitCode).toBe(1);
    expect(errors).toContain('Vsweep-sweep was not started: ResourceNotFoundException');
  });

  it('says what is missing when it has no region', async () => {
    const env = { AWS_REGION: '', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
    const { errors, exitCode } = await vsweep({ folder: folder.path, env }, 'invoke', 'sweep', 'services');
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/Vsweep-sweep was not called: .*; set AWS_REGION/);
  });
});
