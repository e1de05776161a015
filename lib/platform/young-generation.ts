import { setFlagsFromString } from 'node:v8';

/** Flags of V8 are no interface of Node: this one is of the Node that is packaged. */
const KNOWN_MAJOR = 24;

/**
 * Keeps the young generation of this process small, that of its threads too. Left to itself V8 doubles it whenever
 * enough survived in it, up to 128 MB: a process that works for a second and rests for nine swings by 100 MB, and
 * nobody can tell that from a leak; a sweep of a whole inventory takes 100 MB more, and no less of the processor. The
 * flag is read at each collection; `--max-semi-space-size`, which is in Node's documentation, at the start of a process
 * only.
 */
export function keepYoungGenerationSmall(): void {
  if (Number.parseInt(process.versions.node, 10) !== KNOWN_MAJOR) return;
  setFlagsFromString('--semi-space-growth-factor=1');
}
