import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ImportGraph } from './import-graph.ts';
import type { Mutant } from './instrument.ts';
import { keepsThings } from './parts.ts';
import { type Entry, PLAN_VARIABLE, type Plan } from './warm/plan.ts';

/** How a mutant ended. `unreached`: no test comes by it in its own process or a thread. */
export type End = 'killed' | 'timeout' | 'survived' | 'unreached';

export interface Trial {
  readonly sandbox: string;
  /** For reports, the plan and the durations of tests. */
  readonly folder: string;
  /** The tests that must find the mutants of a file. */
  readonly testsOf: (file: string) => readonly string[];
  readonly graph: ImportGraph;
  readonly longestTestMs: number;
  readonly tell: (line: string) => void;
}

/** A worker that writes nothing for so long while it runs no mutant hangs. */
const BASELINE_MS = 400_000;
/** A mutant that blocks its process is stopped from outside, this much later than one that only waits. */
const BLOCKED_MS = 30_000;
/** A worker is the leader of a group of its own, which a terminal's Ctrl-C does not reach. */
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the tests against each mutant, all of them in one process that is replaced when a mutant breaks it. */
export async function tryMutants(mutants: readonly Mutant[], trial: Trial): Promise<Map<string, End>> {
  const { graph, testsOf, tell } = trial;
  const took = readDurations(trial);
  const rooms = new Set(mutants.map(({ file }) => file.split('/')[1] ?? ''));
  const inOrder = (files: readonly string[]) => ownAndQuickFirst(files, { rooms, took });
  const dependents = new Map(
    [...new Set(mutants.map(({ file }) => file))].map((file) => [file, graph.dependents(file)] as const),
  );
  const testsFor = new Map(
    [...dependents].map(([file, those]) => [file, inOrder(testsOf(file).filter((test) => those.has(test)))]),
  );
  const story = new Story();
  const alive = (id: string) => !story.killed.has(id);
  const byTest = new Map<string, string[]>();
  for (const { id, file } of mutants) {
    if (keepsThings(file)) {
      story.atLoad.add(id);
      continue;
    }
    for (const test of testsFor.get(file) ?? []) byTest.set(test, [...(byTest.get(test) ?? []), id]);
  }
  const run = (more: Pick<Plan, 'files' | 'atLoad'>) => runWorker(more, story, trial);

  for (;;) {
    const isFirst = (file: string) => story.firstNow.has(file);
    const files = inOrder([...byTest.keys()])
      .toSorted((one, other) => Number(isFirst(other)) - Number(isFirst(one)))
      .filter((file) => !story.ended.has(file) && !story.unfit.has(file))
      .map((file) => ({ file, mutants: byTest.get(file)?.filter(alive) ?? [] }))
      .filter(({ mutants: own }) => own.length > 0);
    if (files.length === 0) break;
    tell(`${files.length} files of tests to go, ${story.killed.size} of ${mutants.length} mutants found`);
    await run({ files, atLoad: [] });
  }
  for (const [file, ms] of story.took) took.set(file, ms);
  writeDurations(took, trial);

  for (const { mutant, file } of story.doubtful) {
    if (alive(mutant)) await run({ files: [], atLoad: [{ mutant, tests: [file], reload: [] }] });
  }
  for (;;) {
    const atLoad = mutants
      .filter(({ id }) => alive(id) && story.atLoad.has(id) && !story.endedMutants.has(id))
      .map(({ id, file }) => ({
        mutant: id,
        tests: nearestOf(testsFor.get(file) ?? [], graph.dependents(file)).filter(
          (test) => !story.unfit.has(test),
        ),
        reload: [...graph.dependents(file)],
      }));
    if (atLoad.length === 0) break;
    tell(`${atLoad.length} mutants of module constants to go`);
    await run({ files: [], atLoad });
  }
  for (const [file, why] of story.unfit) tell(`${file}: left out, it fails without a mutant: ${why}`);
  for (const line of new Set(story.notes)) tell(line);
  return new Map(
    mutants.map(({ id }) => {
      const how = story.killed.get(id);
      if (how !== undefined) return [id, how === 'stopped' ? 'timeout' : 'killed'];
      return [id, story.later.has(id) || story.atLoad.has(id) ? 'survived' : 'unreached'];
    }),
  );
}

/** What workers have written so far. */
class Story {
  readonly killed = new Map<string, 'failed' | 'stopped'>();
  readonly ended = new Set<string>();
  readonly endedMutants = new Set<string>();
  readonly unfit = new Map<string, string>();
  /** Failed after others in one process. */
  readonly firstNow = new Set<string>();
  readonly tried = new Set<string>();
  readonly leftOut = new Set<string>();
  readonly doubtful: { readonly mutant: string; readonly file: string }[] = [];
  readonly atLoad = new Set<string>();
  readonly later = new Set<string>();
  readonly took = new Map<string, number>();
  readonly notes: string[] = [];
  begun: string | undefined;
  last: Entry | undefined;

  take(entry: Entry): void {
    this.last = entry;
    if (entry.kind === 'begins') this.begun = entry.file;
    else if (entry.kind === 'unfit') {
      if (entry.isFirst) this.unfit.set(entry.file, entry.why);
      else this.firstNow.add(entry.file);
      this.begun = undefined;
    } else if (entry.kind === 'tries') this.tried.add(entry.key);
    else if (entry.kind === 'killed') this.killed.set(entry.mutant, entry.how);
    else if (entry.kind === 'ends') this.ended.add(entry.file);
    else if (entry.kind === 'ends-mutant') this.endedMutants.add(entry.mutant);
    else if (entry.kind === 'unfit-again') {
      this.notes.push(`${entry.file}: fails when it is run again: ${entry.why}`);
    } else if (entry.kind === 'too-slow') {
      this.notes.push(
        `${entry.file}: "${entry.test}" takes ${Math.round(entry.ms / 1_000)} s and finds nothing`,
      );
    } else if (entry.kind === 'reached') {
      this.begun = undefined;
      this.took.set(entry.file, entry.ms);
      for (const mutant of entry.atLoad) this.atLoad.add(mutant);
      for (const mutant of entry.later) this.later.add(mutant);
    } else {
      this.leftOut.add(entry.test);
      this.notes.push(
        `${entry.file}: "${entry.name}" cannot be run again after ${entry.mutants.length} mutants`,
      );
      for (const mutant of entry.mutants) {
        this.killed.delete(mutant);
        this.doubtful.push({ mutant, file: entry.file });
      }
    }
  }

  /** After a worker is gone, by itself or because it was stopped. */
  worker(): void {
    if (this.last?.kind === 'tries') this.killed.set(this.last.mutant, 'stopped');
    this.last = undefined;
    if (this.begun !== undefined) this.unfit.set(this.begun, 'it ends its process, or does not end');
    this.begun = undefined;
  }
}

async function runWorker(more: Pick<Plan, 'files' | 'atLoad'>, story: Story, trial: Trial): Promise<void> {
  const { sandbox, folder, longestTestMs, tell } = trial;
  const [planFile, journal] = [path.join(folder, 'plan.json'), path.join(folder, 'journal.jsonl')];
  const plan: Plan = {
    ...more,
    tried: [...story.tried],
    leftOut: [...story.leftOut],
    longestTestMs,
    journal,
  };
  fs.writeFileSync(planFile, JSON.stringify(plan));
  fs.writeFileSync(journal, '');
  const output = fs.openSync(path.join(folder, 'worker.log'), 'w');
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tools/mutate/warm/vitest.config.ts'];
  const needsBundles = JSON.stringify(more).includes('test/integration/');
  const child = spawn(process.execPath, args, {
    cwd: sandbox,
    env: { ...process.env, [PLAN_VARIABLE]: planFile, ...(needsBundles ? { MUTATE_BUNDLES: '1' } : {}) },
    stdio: ['ignore', output, output],
    detached: true,
  });
  let isOver = false;
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve())).then(() => {
    isOver = true;
  });
  const stop = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of its group are gone.
    }
  };
  const stopAll = () => {
    stop();
    process.exit(130);
  };
  for (const signal of STOPS) process.on(signal, stopAll);
  let read = 0;
  let rest = '';
  let quietSince = Date.now();
  let entries = 0;
  let isStopped = false;
  const readOn = () => {
    const text = fs.readFileSync(journal, 'utf8').slice(read);
    read += text.length;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      story.take(JSON.parse(line) as Entry);
      quietSince = Date.now();
      entries += 1;
    }
  };
  while (!isOver) {
    await Promise.race([exit, delay(200)]);
    readOn();
    const limitMs = story.last?.kind === 'tries' ? story.last.limitMs + BLOCKED_MS : BASELINE_MS;
    if (!isOver && Date.now() - quietSince > limitMs) {
      isStopped = true;
      break;
    }
  }
  stop();
  await exit;
  for (const signal of STOPS) process.off(signal, stopAll);
  fs.closeSync(output);
  readOn();
  fs.appendFileSync(path.join(folder, 'journals.jsonl'), fs.readFileSync(journal));
  story.worker();
  if (entries === 0) {
    throw new Error(
      `a worker ends before its work: ${fs.readFileSync(path.join(folder, 'worker.log'), 'utf8').slice(-2_000)}`,
    );
  }
  if (isStopped) tell('a mutant blocked its process');
}

/** Unit tests before integration tests, of the rooms before those of others, and the quick ones first. */
function ownAndQuickFirst(
  files: readonly string[],
  { rooms, took }: { rooms: ReadonlySet<string>; took: ReadonlyMap<string, number> },
): string[] {
  const rank = (file: string) => {
    const [, kind, room = ''] = file.split('/');
    return (kind === 'unit' ? 0 : 2) + (rooms.has(room) ? 0 : 1);
  };
  return files.toSorted((a, b) => rank(a) - rank(b) || (took.get(a) ?? 500) - (took.get(b) ?? 500));
}

/** Files of tests for which a mutant of a module constant is loaded: each is run as a whole, and all it imports anew. */
const NEAREST = { unit: 30, integration: 8 };

/** The tests of either sort that are nearest to a file by imports, whose dependents come in that order. */
function nearestOf(tests: readonly string[], dependents: ReadonlySet<string>): string[] {
  const distance = new Map([...dependents].map((file, index) => [file, index]));
  const sorted = tests.toSorted((one, other) => (distance.get(one) ?? 0) - (distance.get(other) ?? 0));
  const isUnit = (test: string) => test.startsWith('test/unit/');
  return [
    ...sorted.filter(isUnit).slice(0, NEAREST.unit),
    ...sorted.filter((test) => !isUnit(test)).slice(0, NEAREST.integration),
  ];
}

function readDurations({ folder }: Trial): Map<string, number> {
  const file = path.join(folder, 'took.json');
  return new Map(
    fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as [string, number][]) : [],
  );
}

function writeDurations(took: ReadonlyMap<string, number>, { folder }: Trial): void {
  fs.writeFileSync(path.join(folder, 'took.json'), JSON.stringify([...took]));
}
