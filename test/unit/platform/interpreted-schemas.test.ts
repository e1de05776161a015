import { expect, it } from 'vitest';
import '../../../lib/platform/interpreted-schemas.ts';

// That zod looks there, test/integration/cli/interpreted-schemas.test.ts sees in a process of its own.
it('says where zod looks for it that schemas are interpreted', () => {
  expect(globalThis).toHaveProperty('__zod_globalConfig', { jitless: true });
});
