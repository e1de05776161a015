import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { type DemoEstate, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import type { Ended } from '../cli/vsweep-process.ts';

const TARGET = 'vc01.example.org';
const { region, credentials } = TEST_ACCOUNT;
const running = { signal: new AbortController().signal };

describe('vsweep invoke hostkeys', () => {
  const hosts = healthyHosts(2, { network: 37 });
  let estate: DemoEstate;
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await createTemporaryFolder('operator');
    estate = await startDemoEstate({ targets: { [TARGET]: hosts } });
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
    return vsweep({ folder: folder.path, env }, 'invoke', 'hostkeys', '--stack', 'vsweep', ...args);
  };
  const pins = async () => [...(await estate.aws.dynamodb.state.hostKeys.readAll(running)).keys()].toSorted();

  it('says that no list is kept before the first run', async () => {
    expect(await invoke()).toMatchObject({
      exitCode: 3,
      errors: expect.stringContaining('run a sweep on it first'),
    });
  });

  it('lists hosts whose key changed, with both fingerprints, and accepts nothing', async () => {
    await estate.sweepNext();
    const [first] = hosts;
    const before = await pins();
    expect(before).toHaveLength(2);
    expect(await invoke()).toMatchObject({
      exitCode: 0,
      errors: '',
      output: '2 of 2 hosts presented a known key\n',
    });
    const logins = () => hosts.map(({ address }) => estate.esxi.authRequests(address).length);
    const seen = logins();
    estate.esxi.rekey(first?.address ?? '');
    const { output, exitCode } = await invoke('--json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(output)).toMatchObject({
      known: 1,
      omitted: 0,
      hosts: [
        {
          target: TARGET,
          name: first?.name,
          status: 'changed',
          fingerprint: expect.stringMatching(/^SHA256:/),
          accepted: [expect.stringMatching(/^SHA256:/)],
        },
      ],
    });
    expect(logins()).toEqual(seen);
    expect(await pins()).toEqual(before);
    const stored = await estate.aws.dynamodb.state.hostKeys.readAll(running);
    expect(output).not.toContain(stored.get(`${first?.address}:${estate.esxi.port}`)?.blob);
  });

  it('prints the lines that accept the keys, for the file that is deployed, a changed key as a comment', async () => {
    const [first] = hosts;
    const { output } = await invoke('--known-hosts', '--target', TARGET);
    expect(output.trim().split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(
          `^#\\[${first?.address}\\]:${estate.esxi.port} ecdsa-sha2-nistp256 \\S+ ${first?.name} SHA256:\\S+ changed: compare this key`,
        ),
      ),
    ]);
  });

  it('exits 2 for a target that there is not, and for options that do not go together', async () => {
    const target = await invoke('--target', 'vc09');
    expect(target).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('there is no target "vc09"'),
    });
    expect(await invoke('--known-hosts', '--json')).toMatchObject({ exitCode: 2 });
  });
});
