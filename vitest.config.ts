import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Suites that build, install or start real programs: one folder each under `test/e2e`, run by `npm run test:<folder>`. */
const slow = existsSync('test/e2e') ? readdirSync('test/e2e') : [];

export default defineConfig({
  test: {
    // Tests share a worker's modules: five times faster, and honest as long as modules keep no state.
    isolate: false,
    // Bounds for what happens in real time, which a busy machine stretches: they end a test that waits for ever.
    testTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      { extends: true, test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'] } },
      ...slow.map((name) => ({
        extends: true as const,
        test: { name, include: [`test/e2e/${name}/**/*.test.ts`], testTimeout: 120_000, hookTimeout: 900_000 },
      })),
    ],
  },
});
