import type { LoadedConfig } from '../../../config/loaded-config.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import type { VsweepWords } from './vsweep-words.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What all checks go by. */
export interface Surroundings {
  readonly loaded: LoadedConfig;
  readonly env: Environment;
  readonly clock: Clock;
  readonly log: Log;
  readonly words: VsweepWords;
}
