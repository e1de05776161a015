// Child processes and threads that a test starts run the mutant that the test runs.
import { beforeAll } from 'vitest';

/** Stryker's names: https://github.com/stryker-mutator/stryker-js/blob/master/packages/api/src/core/instrument.ts */
const inThisThread = globalThis as { __stryker__?: { activeMutant?: string } };
const VARIABLE = '__STRYKER_ACTIVE_MUTANT__';

function handOn(): void {
  const mutant = inThisThread.__stryker__?.activeMutant;
  if (mutant === undefined) delete process.env[VARIABLE];
  else process.env[VARIABLE] = mutant;
}

handOn();
beforeAll(handOn);
