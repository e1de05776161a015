import { expect, it } from 'vitest';
import '../../../lib/platform/interpreted-schemas.ts';
import * as z from 'zod';

it('has zod interpret the schemas that are made behind it', () => {
  expect(z.config().jitless).toBe(true);
});
