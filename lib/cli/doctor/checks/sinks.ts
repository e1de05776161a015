import { endpointsOf } from '../../../config/endpoints.ts';
import type { Config } from '../../../config/schema.ts';
import { messageOf } from '../../../platform/errors.ts';
import { toShellWord } from '../../../platform/quote.ts';
import { openConfiguredSinks } from '../../../sinks/configured-sinks.ts';
import { openMachineSinks } from '../../../sinks/machine-sinks.ts';
import type { Sink } from '../../../sinks/sink.ts';
import { TextfileError } from '../../../sinks/textfile/errors.ts';
import { readerForFaults } from '../../credential-faults.ts';
import { openSeriesOutput } from '../../series-output.ts';
import type { Check } from '../engine/check.ts';
import { createProbeRecords, probeSink } from '../engine/probe-sink.ts';
import type { Surroundings } from '../engine/surroundings.ts';
import { green, red } from '../verdicts/verdict.ts';

/** A sink tries a request three times, 15 s each at most. */
const PROBE_MS = 60_000;

/** What is connected to and is no sink. */
const isSink = ({ path }: { readonly path: string }): boolean => !/^(?:targets\[|esxi$|netbox$)/.test(path);

/**
 * Each sink of the configuration gets one series, which is deleted again where its destination can do that. `stdout` is the
 * output of this command. `before` gives what has to pass before, by the section of the sink.
 */
export function sinkChecks(
  surroundings: Surroundings,
  before: (path: string) => readonly Check[],
): readonly Check[] {
  const { config } = surroundings.loaded;
  const sections = endpointsOf(config).filter(isSink);
  const overHttp = sections.flatMap(({ path }) => {
    const others = sections.filter((one) => one.path !== path).map((one) => [one.path, undefined]);
    const sinks = openSinks({ ...config, textfile: undefined, ...Object.fromEntries(others) }, surroundings);
    return sinks.map((sink) => toCheck(sink, before(path), surroundings));
  });
  const none = Object.fromEntries(sections.map(({ path }) => [path, undefined]));
  const onMachine = openSinks({ ...config, ...none }, surroundings);
  return [...overHttp, ...onMachine.map((sink) => toCheck(sink, [], surroundings))];
}

function openSinks(config: Config, { loaded, env, clock, log }: Surroundings): readonly Sink[] {
  const deps = {
    loaded: { ...loaded, config: { ...config, stdout: undefined } },
    credentials: readerForFaults(env),
    clock,
    log,
    random: Math.random,
    randomId: () => 'doctor',
    ...createProbeRecords(),
    openOutput: openSeriesOutput,
  };
  return [...openConfiguredSinks(deps), ...openMachineSinks(deps)];
}

const toCheck = (sink: Sink, after: readonly Check[], { clock }: Surroundings): Check => ({
  name: 'sink',
  subject: sink.name,
  after,
  ms: PROBE_MS,
  async run({ signal }) {
    const outcome = await probeSink(sink, { now: clock.now(), signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      return red(messageOf(error), commandOf(error));
    });
    if (typeof outcome !== 'string') return outcome;
    return green(
      outcome === 'deleted'
        ? 'a probe series was written, and taken away again'
        : 'a probe series was written; nothing there takes it away again, so it ends by staleness',
    );
  },
});

/** A folder is mended by the one command that the message of its error ends with. */
function commandOf(error: unknown): string | undefined {
  if (!(error instanceof TextfileError)) return undefined;
  const folder = /^(.*) is no folder\. /.exec(error.message)?.[1];
  if (folder !== undefined) return `mkdir -p ${toShellWord(folder)}`;
  return /Run: (.*)$/.exec(error.message)?.[1];
}
