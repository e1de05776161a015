import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import {
  type DemoEstate,
  ESXI_USER,
  PASSWORDS,
  SECRETS,
  startDemoEstate,
} from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { sweepUntilWhole } from '../../support/lambda/reply.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { blocksOf } from '../../unit/docs/pages.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import type { Ended } from '../cli/vsweep-process.ts';

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

  it('says of a run that failed why, and exits 1', async () => {
    estate.aws.secrets.remove(SECRETS.vcenter(TARGET));
    const { output, errors, exitCode } = await invoke('services', '--stack', 'vsweep');
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^sweep services at .*, exit code 1$/m);
    expect(output).toContain(`secret:vsweep/${TARGET} is not in Secrets Manager`);
    expect(errors).not.toContain('"runId"');
    expect(errors).toContain('RunFailedError: sweep services failed');
    expect(errors).toContain(`secret:vsweep/${TARGET} is not in Secrets Manager`);
    estate.aws.secrets.put(SECRETS.vcenter(TARGET), {
      username: 'vsweep@vsphere.local',
      password: PASSWORDS.vcenter,
    });
    await sweepUntilWhole(estate.sweepNext);
  });

  it('prints the summary as "vsweep sweep" does, and exits as that', async () => {
    const { output, errors, exitCode } = await invoke('services', '--stack', 'vsweep');
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(output).toMatch(/^sweep services at .*, exit code 0$/m);
    expect(output).toContain(`${TARGET}: listed;`);
    expect(output).toMatch(/^ssh +2 +2 +0 +0$/m);
  });

  it('waits for a function that Lambda has made inactive, and says so', async () => {
    estate.aws.lambda.makeInactive('vsweep-sweep', 1_500);
    const { output, errors, exitCode } = await invoke('services', '--stack', 'vsweep');
    expect(exitCode).toBe(0);
    expect(errors).toMatch(
      /^vsweep: vsweep-sweep was not started: ResourceConflictException: .* state: Pending; waiting for it$/m,
    );
    expect(output).toMatch(/^sweep services at .*, exit code 0$/m);
  });

  it('goes over one target, and prints the JSON of "vsweep sweep --json"', async () => {
    const { output, exitCode } = await invoke('services', '--stack', 'vsweep', '--target', TARGET, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      sweep: 'services',
      exitCode: 0,
      targets: [
        {
          target: TARGET,
          deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
          paths: { ssh: { hosts: 2, ok: 2 } },
          hosts: [],
        },
      ],
    });
  });

  it('exits 2 for a sweep or a target that there is not', async () => {
    const sweep = await invoke('nothing', '--stack', 'vsweep');
    expect(sweep.exitCode).toBe(2);
    expect(sweep.errors).toContain('there is no sweep "nothing"; known sweeps: services');
    const target = await invoke('services', '--stack', 'vsweep', '--target', 'vc09');
    expect(target.exitCode).toBe(2);
    expect(target.errors).toContain('has no target "vc09"');
  });

  it('names the function that is not there', async () => {
    const { errors, exitCode } = await invoke('services');
    expect(exitCode).toBe(1);
    expect(errors).toContain('Vsweep-sweep was not started: ResourceNotFoundException');
    // Nor has a stack whose sweeps a task runs.
    expect(errors).toContain('Check --stack and AWS_REGION. A stack with aws.task: true has none');
  });

  it('says what is missing when it has no region', async () => {
    const env = { AWS_REGION: '', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
    const { errors, exitCode } = await vsweep({ folder: folder.path, env }, 'invoke', 'sweep', 'services');
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/Vsweep-sweep was not called: .*\. Set AWS_REGION/);
  });
});

/** What differs between two runs of the same hosts: when, how long, by which id. */
const timeless = (output: string) =>
  output.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>').replaceAll(/\d+(?:\.\d+)? s\b/g, '<time>');

describe('a run in AWS beside one here', () => {
  let estate: DemoEstate;
  let folder: TemporaryFolder;
  const [, broken] = healthyHosts(3, { network: 35 });
  beforeAll(async () => {
    folder = await createTemporaryFolder('beside');
    estate = await startDemoEstate({ targets: { [TARGET]: healthyHosts(3, { network: 35 }) } });
    await estate.esxi.setBehaviour(broken?.address ?? '', 'closed');
    const from = (name: string) => ({ credentials: { env: name } });
    const { targets, esxi, push, ...rest } = estate.config;
    const local = {
      ...rest,
      targets: targets.map((target) => ({ ...target, ...from('VC') })),
      esxi: { ...esxi, ...from('ESXI') },
      push: { ...push, ...from('GATEWAY') },
      state: { path: 'state' },
    };
    await writeFile(join(folder.path, 'vsweep.yaml'), JSON.stringify(local));
  });
  afterAll(async () => {
    await estate?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const both = async (...options: string[]) => {
    const here = {
      VC_USER: 'vsweep@vsphere.local',
      VC_PASSWORD: PASSWORDS.vcenter,
      ESXI_USER,
      ESXI_PASSWORD: PASSWORDS.esxi,
      GATEWAY_USER: 'vsweep',
      GATEWAY_PASSWORD: PASSWORDS.push,
    };
    const there = {
      AWS_ENDPOINT_URL_LAMBDA: estate.aws.lambda.url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
    const args = ['services', ...options];
    return [
      await vsweep({ folder: folder.path, env: here }, 'sweep', ...args),
      await vsweep({ folder: folder.path, env: there }, 'invoke', 'sweep', '--stack', 'vsweep', ...args),
    ] as const;
  };

  it('prints the same table and exits alike, with a host that does not answer', async () => {
    await both();
    const [here, there] = await both();
    expect(here.exitCode).toBe(3);
    expect(here.output).toContain('failed(connection-refused)');
    expect(timeless(there.output)).toBe(timeless(here.output));
    expect(there.exitCode).toBe(here.exitCode);
    expect(there.errors).toBe('');
  });

  it('prints the same JSON but for the hosts that are ok, which an answer of Lambda leaves out', async () => {
    const [here, there] = await both('--json');
    const parse = ({ output }: Ended) => {
      const { runId, scheduledAt, startedAt, endedAt, targets, ...run } = JSON.parse(
        // Each names its credential by where it has it from.
        output.replace('env:ESXI', 'secret:vsweep/esxi'),
      );
      for (const at of [scheduledAt, startedAt, endedAt]) expect(typeof at).toBe(typeof startedAt);
      expect(runId).toMatch(/^\w+$/);
      return {
        ...run,
        targets: targets.map(({ durationMs: _, ...target }: { durationMs: number }) => target),
      };
    };
    const withoutOk = (run: ReturnType<typeof parse>) => ({
      ...run,
      targets: run.targets.map((target: { hosts: { outcomes: object }[] }) => ({
        ...target,
        hosts: target.hosts.filter((host) => JSON.stringify(host.outcomes).includes('failed')),
      })),
    });
    const [local, deployed] = [parse(here), parse(there)];
    expect(local.targets[0].hosts).toHaveLength(3);
    expect(deployed).toEqual(withoutOk(local));
  });
});

describe('"aws lambda invoke" as the pages have it', () => {
  let estate: DemoEstate;
  beforeAll(async () => {
    estate = await startDemoEstate({ targets: { [TARGET]: healthyHosts(1, { network: 36 }) }, poll: {} });
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  /** The function and the payload of each such command. */
  const documented = ['docs/deploy.md', 'docs/operations.md', 'docs/vpoller.md']
    .flatMap(blocksOf)
    .flatMap(({ page, text }) =>
      Array.from(
        text.matchAll(/aws lambda invoke --function-name Vsweep-(\w+)[^']*--payload '([^']+)'/g),
        ([, name, payload]) => ({ page, name, payload: JSON.parse(payload ?? '') }),
      ),
    );

  it('is on the pages for both functions', () => {
    expect(documented.map(({ page, name }) => `${page}: ${name}`)).toEqual([
      'docs/deploy.md: poll',
      'docs/deploy.md: sweep',
      'docs/operations.md: sweep',
      'docs/vpoller.md: poll',
    ]);
  });

  it.each(documented)('does what it says: $page, $name', async ({ name, payload }) => {
    if (name === 'poll') {
      expect((await estate.aws.poll(payload)).payload).toMatchObject({ success: 0 });
      return;
    }
    const { payload: answer, functionError } = await estate.aws.sweep(payload);
    expect(functionError).toBeUndefined();
    expect(answer).toMatchObject({
      exitCode: 0,
      targets: [{ target: TARGET, deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }] }],
    });
  });
});
