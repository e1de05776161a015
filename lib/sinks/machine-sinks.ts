import type { LoadedConfig } from '../config/loaded-config.ts';
import type { Sink } from './sink.ts';
import { createStdoutSink, type SeriesOutput } from './stdout/stdout-sink.ts';
import { createTextfileSink, type TextfileSinkDeps } from './textfile/textfile-sink.ts';

export interface MachineSinkDeps extends Omit<TextfileSinkDeps, 'folder'> {
  readonly loaded: LoadedConfig;
  /** Opens standard output. */
  readonly openOutput: () => SeriesOutput;
}

/** One line a sink that only makes sense on a machine of the operator's: no function of a deployment has its code. */
const SINKS: readonly ((deps: MachineSinkDeps) => Sink | undefined)[] = [
  ({ loaded: { config }, ...deps }) =>
    config.textfile && createTextfileSink({ ...deps, folder: config.textfile.path }),
  ({ loaded: { config }, openOutput }) => config.stdout && createStdoutSink(openOutput()),
];

/** The sinks of one machine that the configuration names. */
export const openMachineSinks = (deps: MachineSinkDeps): Sink[] => SINKS.flatMap((open) => open(deps) ?? []);
