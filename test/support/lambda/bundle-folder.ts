import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    bundles: string;
  }
}

/** A folder for the bundles of this run of the tests, empty whenever the sources may have changed. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  let folder = '';
  const make = async () => {
    folder = await mkdtemp(join(tmpdir(), 'vsweep-bundles-'));
    project.provide('bundles', folder);
  };
  const remove = () => rm(folder, { recursive: true, force: true });
  await make();
  project.onTestsRerun(async () => {
    await remove();
    await make();
  });
  return remove;
}
