import { defineConfig } from "vitest/config";

const long = process.env["CORRAL_TEST_LONG"] === "1";

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "conformance/**/*.test.ts",
      "bench/**/*.test.ts",
      "tools/**/*.test.ts",
      "repo.test.ts",
    ].concat(long ? ["packages/*/src/**/*.long.ts", "conformance/**/*.long.ts"] : []),
    exclude: ["**/node_modules/**"],
    setupFiles: ["packages/testkit/src/vitest-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
