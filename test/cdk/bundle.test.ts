import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleFunction, FUNCTIONS, type FunctionName } from '../../cdk/bundle.ts';
import { readDeployment } from '../../cdk/read-deployment.ts';
import { AWS_SERVICES } from '../../lib/config/aws-services.ts';
import { ENV } from '../../lib/config/env.ts';
import { EXAMPLE, temporaryFolder } from './synthesise.ts';

const run = promisify(execFile);
const folder = temporaryFolder();
const taskRootOf = (name: FunctionName) => join(folder, name);
const { bundledConfig } = readDeployment(EXAMPLE);

/** Runs code in a process that has the bundle and an environment, and neither TypeScript nor packages in reach. */
async function inSandbox(name: FunctionName, code: string, env: Record<string, string>) {
  const { stdout } = await run(process.execPath, ['-e', code], { cwd: taskRootOf(name), env });
  return stdout;
}

const ENVIRONMENT = (name: FunctionName) => ({
  [ENV.table]: 'a-table',
  [ENV.collectBatch]: 'a-function',
  [ENV.stack]: 'a-stack',
  [ENV.integritySecret]: 'a-secret',
  [ENV.functionName]: 'a-function',
  [ENV.functionMemory]: '768',
  [ENV.taskRoot]: taskRootOf(name),
  AWS_REGION: 'eu-central-1',
});

const LARGEST: Readonly<Record<FunctionName, number>> = {
  // It can do what a worker does.
  sweep: 1_175_000,
  'collect-batch': 910_000,
  poll: 685_000,
};

/** The package of the SDK by which a service is called. */
const CLIENTS: Readonly<Record<string, string>> = {
  dynamodb: 'client-dynamodb',
  secretsmanager: 'client-secrets-manager',
  lambda: 'client-lambda',
};

describe('the engine for regular expressions', () => {
  const own = (test: object) =>
    JSON.stringify({
      config: {
        ...(JSON.parse(bundledConfig) as { config: object }).config,
        metrics: { own: { esxi_a: { property: 'HostSystem name', test, every: '1h' } } },
      },
      certificates: {},
    });

  it('is beside the bundle of a configuration that has one, and of no other', async () => {
    const withPatterns = join(folder, 'with-patterns');
    bundleFunction('collect-batch', { outDir: withPatterns, config: own({ matches: '^esx' }) });
    const code = `process.stdout.write(String(require('re2js').RE2JS.compile('(a+)+$').matcher('b').find()))`;
    const { stdout } = await run(process.execPath, ['-e', code], { cwd: withPatterns, env: {} });
    expect(stdout).toBe('false');
    const without = join(folder, 'without-patterns');
    bundleFunction('collect-batch', { outDir: without, config: own({ equals: 'esx' }) });
    expect(readdirSync(without)).not.toContain('node_modules');
  });
});

it('answers an event that is none by an error whose stack names lines of the sources, though Node reads no source map at a cold start', async () => {
  bundleFunction('sweep', { outDir: taskRootOf('sweep'), config: bundledConfig });
  const code = `require('./index.js').handler({}, { getRemainingTimeInMillis: () => 60_000 }).then(
    () => process.exit(3),
    ({ stack }) => process.stdout.write(stack),
  );`;
  const stack = await inSandbox('sweep', code, ENVIRONMENT('sweep'));
  expect(stack).toMatch(/^ {4}at .*lib\/[\w/-]+\.ts:\d+:\d+/m);
  expect(stack).not.toContain('index.js:');
});

describe.each(FUNCTIONS)('the bundle of %s', (name) => {
  beforeAll(() => bundleFunction(name, { outDir: taskRootOf(name), config: bundledConfig }));

  it('is the code, its source map and the configuration', () => {
    expect(readdirSync(taskRootOf(name)).sort()).toEqual(['config.json', 'index.js', 'index.js.map']);
    expect(readFileSync(join(taskRootOf(name), 'config.json'), 'utf8')).toBe(bundledConfig);
  });

  it('makes no code of texts while it is loaded: schemas are interpreted', async () => {
    const code = `let made = 0;
      globalThis.Function = new Proxy(Function, {
        construct(target, texts) { made += 1; return Reflect.construct(target, texts); },
      });
      new Function('');
      require('./index.js');
      process.stdout.write(String(made));`;
    expect(await inSandbox(name, code, ENVIRONMENT(name))).toBe('1');
  });

  it('stays small', () => {
    expect(readFileSync(join(taskRootOf(name), 'index.js')).length).toBeLessThan(LARGEST[name]);
  });

  it('holds clients of the services of AWS that its security group lets out to, and of no others', () => {
    const { sources } = JSON.parse(readFileSync(join(taskRootOf(name), 'index.js.map'), 'utf8')) as {
      sources: string[];
    };
    const held = sources.flatMap(
      (source) => /@aws-sdk\/(client-[\w-]+|nested-clients)\//.exec(source)?.[1] ?? [],
    );
    const called = Object.entries(AWS_SERVICES)
      .filter(([, { callers }]) => (callers as readonly string[]).includes(name))
      // Traces are sent by a daemon of Lambda's; requests to a workspace and to CloudWatch are signed without a client.
      .filter(([service]) => !['xray', 'aps-workspaces', 'monitoring'].includes(service))
      .map(([service]) => CLIENTS[service]);
    expect([...new Set(held)].sort()).toEqual(called.sort());
  });

  it('has the same bytes wherever it is made', () => {
    const elsewhere = join(folder, 'deeper', 'elsewhere', name);
    bundleFunction(name, { outDir: elsewhere, config: bundledConfig });
    for (const file of ['index.js', 'index.js.map']) {
      const bytes = readFileSync(join(taskRootOf(name), file));
      expect(readFileSync(join(elsewhere, file)).equals(bytes)).toBe(true);
      expect(bytes.includes(process.cwd())).toBe(false);
    }
  });

  it('loads from nothing but itself and its environment, and has a handler', async () => {
    const stdout = await inSandbox(
      name,
      'process.stdout.write(typeof require("./index.js").handler)',
      ENVIRONMENT(name),
    );
    expect(stdout).toBe('function');
  });

  it('throws errors by the names of their classes, with the lines of our sources', async () => {
    const { [ENV.table]: _missing, ...env } = ENVIRONMENT(name);
    const code =
      'try { require("./index.js") } catch (error) { process.stdout.write(error.name + error.stack) }';
    const thrown = await inSandbox(name, code, env);
    expect(thrown).toMatch(/^ConfigError/);
    expect(thrown).toContain(`${ENV.table}: is not set; the deployment has to set it`);
    expect(thrown).toMatch(/lib\/config\/env\.ts:\d+/);
  });
});

describe('the bundle of the task', () => {
  const taskRoot = join(folder, 'task');
  beforeAll(() => bundleFunction('task', { outDir: taskRoot, config: bundledConfig }));

  it('is the code, its source map and the configuration, and stays small', () => {
    expect(readdirSync(taskRoot).sort()).toEqual(['config.json', 'index.js', 'index.js.map']);
    expect(readFileSync(join(taskRoot, 'index.js')).length).toBeLessThan(1_310_000);
  });

  it('finds credentials as ECS gives them, and calls DynamoDB and Secrets Manager alone', () => {
    const { sources } = JSON.parse(readFileSync(join(taskRoot, 'index.js.map'), 'utf8')) as {
      sources: string[];
    };
    expect(sources.some((source) => source.includes('@aws-sdk/credential-provider-http/'))).toBe(true);
    const clients = sources.flatMap((source) => /@aws-sdk\/(client-[\w-]+)\//.exec(source)?.[1] ?? []);
    expect([...new Set(clients)].sort()).toEqual(['client-dynamodb', 'client-secrets-manager']);
  });

  it('has the same bytes wherever it is made', () => {
    const elsewhere = join(folder, 'deeper', 'elsewhere', 'task');
    bundleFunction('task', { outDir: elsewhere, config: bundledConfig });
    for (const file of ['index.js', 'index.js.map']) {
      const bytes = readFileSync(join(taskRoot, file));
      expect(readFileSync(join(elsewhere, file)).equals(bytes)).toBe(true);
      expect(bytes.includes(process.cwd())).toBe(false);
    }
  });
});
