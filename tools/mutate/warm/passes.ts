import { type SerializedConfig, type RunnerTestCase as Test, TestRunner } from 'vitest';
import { collectTests } from 'vitest/internal/browser';
import { activate, countFor, takeHits } from './active-mutant.ts';
import { type Graph, importAnew } from './fresh-modules.ts';

/** Outside of the tests of a file: its hooks, and what they started. */
export const OUTSIDE = 'outside';

const realSetInterval = setInterval;
const realClearInterval = clearInterval;
const realSetImmediate = setImmediate;

class TestStopped extends Error {}

/** One way through a file of tests, unseen by vitest's own reports. */
abstract class Pass extends TestRunner {
  readonly #graph: Graph | undefined;

  constructor(config: SerializedConfig, graph?: Graph) {
    super(config);
    this.#graph = graph;
    this.trace = (_name, attributes, run) => (run ?? (attributes as NonNullable<typeof run>))();
    this.onCleanupWorkerContext = () => undefined;
  }

  override importFile(file: string): Promise<void> {
    return importAnew(file, this.#graph);
  }

  /** The snapshots of a file are not written. */
  override async onAfterRunSuite(): Promise<void> {}
}

/** Without a mutant: how long each test takes, and which mutants it comes by. */
export class Baseline extends Pass {
  readonly reached = new Map<string, { readonly ms: number; readonly hits: Record<string, number> }>();

  /** Loads the file and what it imports, and forgets its tests. */
  async importOnly(file: string): Promise<void> {
    await collectTests([file], this);
  }

  override async onBeforeRunTask(test: Test): Promise<void> {
    await super.onBeforeRunTask(test);
    countFor(test.id);
  }

  override onAfterRunTask(test: Test): void {
    super.onAfterRunTask(test);
    const ms = test.result?.duration ?? 0;
    if (test.result?.state === 'pass') this.reached.set(test.id, { ms, hits: takeHits(test.id) });
    countFor(OUTSIDE);
  }
}

/** What a test said with a mutant. */
export type Verdict = 'passed' | 'failed' | 'stopped';

export interface Try {
  /** None: the test has to pass. */
  readonly mutant?: string;
  readonly mostHits?: number;
  readonly limitMs: number;
}

/** Each test once for each of its mutants, with its own hooks each time. */
export class EachTestAgain extends Pass {
  readonly #triesOf: (test: Test) => readonly Try[];
  readonly #on: {
    begins(test: Test, tried: Try): void;
    ends(test: Test, tried: Try, verdict: Verdict): Promise<void> | undefined;
  };
  #tries: readonly Try[] = [];
  #current: Try | undefined;
  #isStopped = false;
  #unhandled: unknown;

  constructor(
    config: SerializedConfig,
    triesOf: (test: Test) => readonly Try[],
    on: {
      begins(test: Test, tried: Try): void;
      ends(test: Test, tried: Try, verdict: Verdict): Promise<void> | undefined;
    },
  ) {
    super(config);
    this.#triesOf = triesOf;
    this.#on = on;
  }

  override async onBeforeRunTask(test: Test): Promise<void> {
    await super.onBeforeRunTask(test);
    this.#tries = test.mode === 'run' || test.mode === 'queued' ? this.#triesOf(test) : [];
    if (this.#tries.length === 0) test.mode = 'skip';
    test.retry = 0;
    test.repeats = this.#tries.length - 1;
  }

  override onBeforeTryTask(test: Test, options: { retry: number; repeats: number }): void {
    super.onBeforeTryTask(test, options);
    this.#current = this.#tries[options.repeats];
    this.#isStopped = false;
    this.#unhandled = undefined;
    if (this.#current === undefined) return;
    this.#on.begins(test, this.#current);
    const { mutant, mostHits } = this.#current;
    activate(mutant, mostHits === undefined ? {} : { mostHits });
  }

  async runTask(test: Test): Promise<void> {
    const limitMs = this.#current?.limitMs ?? Number.POSITIVE_INFINITY;
    try {
      await runWithin(TestRunner.getTestFn(test), limitMs);
    } catch (error) {
      this.#isStopped = error instanceof TestStopped;
      throw error;
    }
  }

  /** Of the process, while a mutant ran. */
  unhandled(error: unknown): void {
    this.#unhandled = error ?? 'unhandled';
  }

  override async onAfterRetryTask(test: Test, options: { retry: number; repeats: number }): Promise<void> {
    await super.onAfterRetryTask(test, options);
    await new Promise((resolve) => realSetImmediate(resolve));
    activate(undefined);
    const tried = this.#current;
    if (tried === undefined) return;
    const isFailed = test.result?.state === 'fail' || this.#unhandled !== undefined;
    await this.#on.ends(test, tried, this.#isStopped ? 'stopped' : isFailed ? 'failed' : 'passed');
  }
}

/** The whole file with one mutant, from the first line of it, until a test fails. */
export class WholeFile extends Pass {
  readonly #limitOf: (test: Test) => number;
  #isFailed = false;
  isStopped = false;

  constructor(
    config: SerializedConfig,
    { graph, limitOf }: { graph: Graph | undefined; limitOf: (test: Test) => number },
  ) {
    super(config, graph);
    this.#limitOf = limitOf;
  }

  override async onBeforeRunTask(test: Test): Promise<void> {
    await super.onBeforeRunTask(test);
    if (this.#isFailed) test.mode = 'skip';
  }

  override onAfterRunTask(test: Test): void {
    super.onAfterRunTask(test);
    this.#isFailed ||= test.result?.state === 'fail';
  }

  async runTask(test: Test): Promise<void> {
    try {
      await runWithin(TestRunner.getTestFn(test), this.#limitOf(test));
    } catch (error) {
      this.isStopped ||= error instanceof TestStopped;
      throw error;
    }
  }
}

/**
 * Runs a test, and gives up on it when it has waited for so long or has used as much processor time: where other work
 * has the processors, a test that computes is late and does not hang. Throws TestStopped then.
 */
async function runWithin(run: () => unknown, limitMs: number): Promise<void> {
  const cpu = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  const limit = Promise.withResolvers<never>();
  const timer = realSetInterval(() => {
    const { user, system } = process.cpuUsage(cpu);
    const { idle } = performance.eventLoopUtilization(loop);
    if (Math.max(idle, (user + system) / 1_000) > limitMs) limit.reject(new TestStopped());
  }, 100);
  try {
    await Promise.race([run(), limit.promise]);
  } finally {
    realClearInterval(timer);
  }
}
