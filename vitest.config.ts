import { defineConfig } from 'vitest/config';

const project = (name: string, testTimeout: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['lib/**/*.ts'] },
    projects: [project('unit', 10_000), project('integration', 30_000), project('peers', 240_000)],
  },
});
