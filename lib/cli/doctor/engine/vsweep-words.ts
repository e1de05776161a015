import { resolve } from 'node:path';
import type { LoadedConfig } from '../../../config/loaded-config.ts';
import { toShellWord } from '../../../platform/quote.ts';

/** A command of vsweep as a shell takes it, with the configuration that was looked at: it works in any folder. */
export type VsweepWords = (...words: readonly string[]) => string;

export const createWords = ({ variables }: LoadedConfig, file: string): VsweepWords => {
  const config = variables === undefined ? ['--config', resolve(file)] : [];
  return (...words) => ['vsweep', ...words, ...config].map(toShellWord).join(' ');
};
