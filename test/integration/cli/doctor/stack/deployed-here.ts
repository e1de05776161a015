import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { accountOfTemplate } from '../../../../support/aws-account/account-of-template.ts';
import {
  type SimulatedAccount,
  startSimulatedAccount,
} from '../../../../support/aws-account/simulated-account.ts';
import { TEST_ACCOUNT } from '../../../../support/lambda/aws-environment.ts';
import {
  type SynthesisedTemplate,
  synthesiseTemplate,
} from '../../../../support/peers/synthesised-template.ts';
import { createTemporaryFolder } from '../../../../support/peers/temporary-folder.ts';
import { doctor } from '../run-doctor.ts';

export const SECRET = 'vsweep/vc01';
/** Nothing listens there: what is no part of AWS is of no interest here. */
const NOWHERE = 'https://127.0.0.1:1/sdk';

export const CONFIG = {
  targets: [{ name: 'vc01', url: NOWHERE, credentials: { secret: SECRET } }],
  sweeps: [
    { name: 'services', every: '1m', collectors: ['overall-status'] },
    { name: 'slow', every: '1h', collectors: ['hosts'] },
  ],
  push: { url: 'https://127.0.0.1:1/' },
  state: { path: 'state' },
  aws: { alarms: { emails: ['ops@example.org'] } },
};

export interface DeployedHere extends AsyncDisposable {
  readonly account: SimulatedAccount;
  readonly folder: string;
  /** The lines on AWS alone; `env` is put over that of an operator with credentials. */
  ask(
    env?: Readonly<Record<string, string>>,
  ): Promise<Awaited<ReturnType<typeof doctor>> & { aws: string[] }>;
  /** Writes another configuration than the one that is deployed. */
  write(config: object): Promise<void>;
}

const CHECKS = new Set([
  'aws',
  'stack',
  'deployment',
  'function',
  'concurrency',
  'table',
  'secret',
  'integrity secret',
  'schedules',
  'last run',
  'alarms',
  'dead letters',
  'task',
]);

const templates = new Map<object, Promise<SynthesisedTemplate['template']>>();

/** The CDK takes seconds for it. */
const templateOnce = (config: Readonly<Record<string, unknown>>) => {
  const synthesise = async () => {
    await using synthesised = await synthesiseTemplate(config);
    return synthesised.template;
  };
  const template = templates.get(config) ?? synthesise();
  templates.set(config, template);
  return template;
};

/** The configuration in a folder, and an account in which its template, synthesised by the CDK, is deployed. */
export async function deployHere(
  deployed: Readonly<Record<string, unknown>> = CONFIG,
): Promise<DeployedHere> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await createTemporaryFolder('stack'));
  const file = join(folder.path, 'vsweep.yaml');
  const write = (config: object) => writeFile(file, stringify(config), { mode: 0o600 });
  await write(deployed);
  const parts = accountOfTemplate(await templateOnce(deployed), {
    stack: 'Vsweep',
    now: Date.now(),
    secrets: [SECRET],
  });
  const account = starting.use(await startSimulatedAccount(parts));
  const resources = starting.move();
  const { region, credentials } = TEST_ACCOUNT;
  return {
    account,
    folder: folder.path,
    write,
    async ask(env = {}) {
      const place = {
        folder: folder.path,
        env: {
          AWS_ENDPOINT_URL: account.url,
          AWS_REGION: region,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_EC2_METADATA_DISABLED: 'true',
          ...env,
        },
      };
      const found = await doctor(place);
      const aws = found.lines
        .filter(({ check }) => CHECKS.has(check))
        .map(({ check, subject, colour, reason }) => `${colour} ${check} ${subject}: ${reason}`);
      return { ...found, aws };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
