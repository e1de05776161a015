import { ConfigError, printIssue } from '../../config/errors.ts';
import type { LoadedConfig } from '../../config/loaded-config.ts';
import type { TargetConfig } from '../../config/schema.ts';
import { sayNoTarget } from '../../config/unknown-names.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { hasColours } from '../colour.ts';
import { loadConfig } from '../load-config.ts';
import { abortOnSignals, logTo, print, printVerbatim, toDisplay } from '../terminal.ts';
import { stackChecks } from './checks/stack/stack-checks.ts';
import { type StateChecks, stateChecks } from './checks/state.ts';
import type { InSession } from './checks/target.ts';
import type { Line } from './engine/check.ts';
import { runChecks } from './engine/run-checks.ts';
import { createWords } from './engine/vsweep-words.ts';
import { planChecks } from './plan-checks.ts';
import { exitCodeOf, inColour, printCounts, printLine } from './print-lines.ts';
import { red } from './verdicts/verdict.ts';

export interface DoctorOptions {
  readonly config: string;
  readonly target?: string;
  readonly prometheus?: string;
  readonly json: boolean;
  readonly verbose: boolean;
}

/**
 * `vsweep doctor`: tries out everything that a run needs, a line each. Answers 0 where nothing is red, else 1; 2 for a
 * configuration with faults, which is all that is told then.
 */
export async function doctorCommand(options: DoctorOptions): Promise<number> {
  using signals = abortOnSignals();
  const loaded = await loadConfig(options.config, process.env).catch((error: unknown) => {
    if (error instanceof ConfigError && options.json) return error;
    throw error;
  });
  if (loaded instanceof ConfigError) {
    print(toJson(linesOf(loaded, options.config)));
    return 2;
  }
  const target = options.target === undefined ? undefined : requireTarget(options.target, loaded);
  const surroundings = {
    loaded,
    env: process.env,
    clock: systemClock,
    // What there is to know is in the lines.
    log: options.verbose ? logTo('debug') : silentLog,
    words: createWords(loaded, options.config),
  };
  await using state = stateChecks(surroundings, signals);
  await using stack = stackChecks(surroundings, options.config);
  await using sessions = openSessions(state);
  const parts = { ...surroundings, state, stack, inSession: sessions.inSession, file: options.config };
  const checks = planChecks(parts, { target, prometheus: options.prometheus });
  const lines: Line[] = [];
  const colours = hasColours(process.stdout, process.env);
  for await (const line of runChecks(checks, { clock: systemClock, ...signals })) {
    lines.push(line);
    const printed = toDisplay(printLine(line));
    if (!options.json) printVerbatim(colours ? inColour(printed) : printed);
  }
  print(options.json ? toJson(lines) : printCounts(lines));
  return exitCodeOf(lines);
}

const toJson = (lines: readonly Line[]): string =>
  JSON.stringify({ ok: exitCodeOf(lines) === 0, checks: lines }, undefined, 2);

const linesOf = ({ issues }: ConfigError, file: string): readonly Line[] =>
  issues.map((issue) => ({ check: 'configuration', subject: file, ...red(printIssue(issue)) }));

function requireTarget(name: string, { config: { targets } }: LoadedConfig): TargetConfig {
  const found = targets.find((one) => one.name === name || one.aliases.includes(name));
  if (found !== undefined) return found;
  throw new ConfigError('doctor', [{ path: '--target', message: sayNoTarget(name, targets) }]);
}

/** One session per target, opened by the first check that works in it; one that failed is not tried again. */
function openSessions(state: StateChecks): AsyncDisposable & { readonly inSession: InSession } {
  const resources = new AsyncDisposableStack();
  let sessions: ReturnType<ReturnType<StateChecks['container']>['openTargetSessions']> | undefined;
  return {
    inSession(target, work, options) {
      sessions ??= resources.use(state.container().openTargetSessions('invocation'));
      return sessions.use(target, work, options);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
