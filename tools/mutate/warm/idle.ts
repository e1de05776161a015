import { expect, it } from 'vitest';
import { PLAN_VARIABLE } from './plan.ts';

/** The one file of tests that vitest knows of; its runner does the rest. */
it('has a plan', () => expect(process.env[PLAN_VARIABLE]).toBeDefined());
