import { type RunnerTestFile, TestRunner } from 'vitest';
import { readPlan } from './plan.ts';
import { work } from './work.ts';

/** Of the one file that vitest knows of: when it is over, the work begins. */
export default class WarmRunner extends TestRunner {
  override async onAfterRunFiles(files: RunnerTestFile[]): Promise<void> {
    super.onAfterRunFiles(files);
    await work(this.config, readPlan());
  }
}
