import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleFunction, FUNCTIONS, type FunctionName } from '../../cdk/bundle.ts';
import { readDeployment } from '../../cdk/read-deployment.ts';
import { ENV } from '../../lib/config/env.ts';
import type { Row } from '../row.ts';

const run = promisify(execFile);
const ROUNDS = 9;
const EXAMPLE = join(import.meta.dirname, '../../examples/vsweep.yaml');

/** Of each function. */
const MOST_KILOBYTES = 700;
const MOST_COLD_MS = 120;

/** What a cold start waits for before the first event: everything of a bundle up to its handler. */
const IMPORT = `
  const startedAt = performance.now();
  const { handler } = require('./index.js');
  const ms = performance.now() - startedAt;
  if (typeof handler !== 'function') throw new Error('no handler');
  process.stdout.write(String(ms));
`;

/** The bundles as they are deployed: their size, and their import in processes that have nothing else. */
export async function measureBundles(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vsweep-bundles-'));
  try {
    const { bundledConfig } = readDeployment(EXAMPLE);
    for (const name of FUNCTIONS) bundleFunction(name, { outDir: join(folder, name), config: bundledConfig });
    const sizes = await Promise.all(FUNCTIONS.map((name) => sizeRow(name, join(folder, name))));
    const imports: Record<FunctionName, number[]> = { sweep: [], 'collect-batch': [], poll: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of FUNCTIONS) imports[name].push(await importOnce(join(folder, name)));
    }
    return [...sizes, ...FUNCTIONS.map((name) => importRow(name, imports[name]))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sizeRow(name: FunctionName, taskRoot: string): Promise<Row> {
  const { size } = await stat(join(taskRoot, 'index.js'));
  return {
    what: `${name}, its code`,
    unit: 'KB',
    ours: [size / 1_000],
    target: { atMost: MOST_KILOBYTES, of: 'unit' },
  };
}

const importRow = (name: FunctionName, ours: number[]): Row => ({
  what: `${name}, cold import`,
  unit: 'ms',
  ours,
  target: { atMost: MOST_COLD_MS, of: 'unit' },
});

async function importOnce(taskRoot: string): Promise<number> {
  const env = {
    [ENV.table]: 'state',
    [ENV.collectBatch]: 'collect-batch',
    [ENV.stack]: 'a-stack',
    [ENV.integritySecret]: 'a-secret',
    [ENV.functionName]: 'a-function',
    [ENV.functionMemory]: '768',
    [ENV.taskRoot]: taskRoot,
    AWS_REGION: 'eu-central-1',
  };
  const { stdout } = await run(process.execPath, ['-e', IMPORT], { cwd: taskRoot, env });
  return Number(stdout);
}
