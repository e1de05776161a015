// A worker of a mutation run: vitest is started once, and its tests are run again and again in this process.

import * as path from 'node:path';
import type { SerializedConfig, RunnerTestCase as Test } from 'vitest';
import { startTests } from 'vitest/internal/browser';
import { activate, countFor, takeHits } from './active-mutant.ts';
import { Baseline, EachTestAgain, OUTSIDE, type Try, WholeFile } from './passes.ts';
import { type Entry, keyOf, type Plan, writeEntry } from './plan.ts';

/** Each import of a file of tests stays in memory. */
const MOST_BYTES = 1_300_000_000;
/** A test gets this many times what it took without a mutant, and this much more. */
const SLOWER = 4;
const LIMIT_MS = 2_000;

/** So long a process is looked at after a test was stopped, and such a share of it may it be busy. */
const LOOK_MS = 100;
const MOST_BUSY = 0.3;
const realSetTimeout = setTimeout;

const limitOf = (ms: number) => SLOWER * ms + LIMIT_MS;

type Files = Awaited<ReturnType<typeof startTests>>;

export async function work(config: SerializedConfig, plan: Plan): Promise<void> {
  const worker = new Worker(config, plan);
  for (const { file, mutants } of plan.files) await worker.file(file, mutants);
  for (const { mutant, tests, reload } of plan.atLoad) await worker.atLoad(mutant, tests, reload);
}

class Worker {
  readonly #config: SerializedConfig;
  readonly #plan: Plan;
  readonly #killed = new Set<string>();
  readonly #tried: Set<string>;
  /** Of tests without a mutant. */
  readonly #took = new Map<string, number>();
  /** Whether a file passes when it is run again, by the file and the modules that are loaded anew. */
  readonly #passes = new Map<string, boolean>();
  /** Files so far. */
  #begun = 0;
  #unhandled: (error: unknown) => void = () => undefined;

  constructor(config: SerializedConfig, plan: Plan) {
    this.#config = config;
    this.#plan = plan;
    this.#tried = new Set(plan.tried);
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (error) => this.#unhandled(error));
    }
  }

  async file(file: string, mutants: readonly string[]): Promise<void> {
    if (mutants.every((mutant) => this.#killed.has(mutant))) return this.#write({ kind: 'ends', file });
    this.#write({ kind: 'begins', file });
    this.#begun += 1;
    const filepath = path.resolve(file);
    const baseline = new Baseline(this.#config);
    // What is reached while it is loaded for the first time, apart from what its own lines reach each time.
    countFor('load');
    await baseline.importOnly(filepath);
    const atLoad = Object.keys(takeHits('load'));
    countFor(OUTSIDE);
    const started = performance.now();
    const why = whyFailed(await startTests([filepath], baseline));
    const ms = performance.now() - started;
    if (why !== undefined) {
      // What an earlier mutant left in this process may be the reason: then another one begins with this file.
      this.#write({ kind: 'unfit', file, why, isFirst: this.#begun === 1 });
      this.#rest();
    }
    const outside = takeHits(OUTSIDE);
    countFor('again');
    const later = [outside, ...Array.from(baseline.reached.values(), ({ hits }) => hits)];
    this.#write({ kind: 'reached', file, ms, atLoad, later: [...new Set(later.flatMap(Object.keys))] });
    for (const [test, { ms: took }] of baseline.reached) this.#took.set(test, took);

    const alive = mutants.filter((mutant) => !this.#killed.has(mutant));
    const again = alive.filter((mutant) => outside[mutant] === undefined);
    await this.#eachTest(filepath, baseline, again);
    for (const mutant of alive) {
      if (outside[mutant] === undefined || this.#killed.has(mutant)) continue;
      await this.#wholeFile(file, mutant, [], limitOf(ms));
    }
    this.#write({ kind: 'ends', file });
    this.#restIfFull();
  }

  /** Without modules to reload it is the first that this process does, so that the file is not run a second time. */
  async atLoad(mutant: string, tests: readonly string[], reload: readonly string[]): Promise<void> {
    const paths = reload.map((one) => path.resolve(one));
    for (const file of tests) {
      if (this.#killed.has(mutant)) break;
      if (reload.length === 0) this.#passes.set(file, true);
      await this.#wholeFile(file, mutant, paths, 120_000);
    }
    this.#write({ kind: 'ends-mutant', mutant });
    this.#restIfFull();
  }

  /** The tests that come by a mutant, each once for each of its mutants, in between two times without one. */
  async #eachTest(filepath: string, { reached }: Baseline, mutants: readonly string[]): Promise<void> {
    let killedHere: string[] = [];
    let toTry: string[] = [];
    let isRunAgain = false;
    const triesOf = (test: Test): Try[] => {
      const { ms = 0, hits = {} } = reached.get(test.id) ?? {};
      const own = mutants.filter(
        (mutant) =>
          hits[mutant] !== undefined && !this.#killed.has(mutant) && !this.#tried.has(keyOf(mutant, test.id)),
      );
      if (own.length === 0 || this.#plan.leftOut.includes(test.id)) return [];
      if (ms > this.#plan.longestTestMs) {
        this.#write({ kind: 'too-slow', file: test.file.name, test: test.name, ms });
        return [];
      }
      [killedHere, toTry, isRunAgain] = [[], own, false];
      const limitMs = limitOf(ms);
      const without = { limitMs: Math.max(60_000, limitMs) };
      const tries = own.map((mutant) => ({ mutant, limitMs, mostHits: 100 * (hits[mutant] ?? 0) + 1_000 }));
      return [without, ...tries, without];
    };
    const pass = new EachTestAgain(this.#config, triesOf, {
      begins: (test, { mutant, limitMs }) => {
        if (mutant === undefined) return;
        this.#write({ kind: 'tries', mutant, key: keyOf(mutant, test.id), limitMs });
      },
      ends: (test, { mutant }, verdict) => {
        if (mutant === undefined) {
          if (verdict !== 'passed') {
            // After the mutants, these left something; before them, the test itself did.
            const doubtful = isRunAgain ? killedHere : toTry;
            const { id, name } = test;
            this.#write({ kind: 'doubts', file: test.file.name, test: id, name, mutants: doubtful });
            this.#rest();
          }
          isRunAgain = true;
        } else if (verdict !== 'passed') {
          killedHere.push(mutant);
          this.#killed.add(mutant);
          this.#write({ kind: 'killed', mutant, by: test.name, how: verdict });
          if (verdict === 'stopped') return this.#restIfBusy();
        }
        return undefined;
      },
    });
    this.#unhandled = (error) => pass.unhandled(error);
    await startTests([filepath], pass);
    this.#unhandled = () => undefined;
  }

  /** The whole file with the mutant, if it passes without one in the same way. */
  async #wholeFile(file: string, mutant: string, reload: readonly string[], limitMs: number): Promise<void> {
    const key = keyOf(mutant, file);
    if (this.#tried.has(key)) return;
    const graphOf = (name: string) => (reload.length === 0 ? undefined : { name, reload });
    const way = [file, ...reload].join();
    if (!this.#passes.has(way)) {
      const graph = graphOf(`without.${this.#passes.size}`);
      const pass = new WholeFile(this.#config, { graph, limitOf: () => 60_000 });
      const why = whyFailed(await startTests([path.resolve(file)], pass));
      this.#passes.set(way, why === undefined);
      if (why !== undefined) this.#write({ kind: 'unfit-again', file, why });
    }
    if (this.#passes.get(way) === false) return;
    this.#write({ kind: 'tries', mutant, key, limitMs });
    let unhandled: unknown;
    this.#unhandled = (error) => {
      unhandled ??= error ?? 'unhandled';
    };
    const limit = (test: Test) => limitOf(this.#took.get(test.id) ?? 5_000);
    const pass = new WholeFile(this.#config, { graph: graphOf(mutant), limitOf: limit });
    activate(mutant);
    const why = whyFailed(await startTests([path.resolve(file)], pass));
    activate(undefined);
    this.#unhandled = () => undefined;
    if (why === undefined && unhandled === undefined) return;
    this.#killed.add(mutant);
    this.#write({
      kind: 'killed',
      mutant,
      by: why ?? 'an error that nobody handled',
      how: pass.isStopped ? 'stopped' : 'failed',
    });
    if (pass.isStopped) await this.#restIfBusy();
  }

  #write(entry: Entry): void {
    writeEntry(this.#plan, entry);
  }

  /** What a test that was stopped left behind may do no more; where it does, another process goes on instead. */
  async #restIfBusy(): Promise<void> {
    const before = performance.eventLoopUtilization();
    await new Promise((resolve) => realSetTimeout(resolve, LOOK_MS));
    if (performance.eventLoopUtilization(before).utilization > MOST_BUSY) this.#rest();
  }

  #rest(): never {
    process.kill(process.pid, 'SIGKILL');
    throw new Error('unreachable');
  }

  #restIfFull(): void {
    if (process.memoryUsage().rss > MOST_BYTES) this.#rest();
  }
}

/** The first failed test of files that were run. */
function whyFailed(files: Files): string | undefined {
  const failed = (tasks: Files[number]['tasks']): string[] =>
    tasks.flatMap((task) => [
      ...('tasks' in task ? failed(task.tasks) : []),
      ...(task.result?.state === 'fail' ? [`${task.name}: ${task.result.errors?.[0]?.message ?? ''}`] : []),
    ]);
  const [first] = files.flatMap((file) => [
    ...failed(file.tasks),
    ...(file.result?.state === 'fail' ? [`${file.name}: ${file.result.errors?.[0]?.message ?? ''}`] : []),
  ]);
  return first;
}
