export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  transform: { "^.+\\.ts$": "<rootDir>/scripts/jest-strip-types.mjs" },
  modulePathIgnorePatterns: ["<rootDir>/.build", "<rootDir>/.serverless", "<rootDir>/.assay"],
  // Nothing here measures time: a slow machine may take as long as it needs, and only what hangs is ended.
  testTimeout: 900_000,
  coverageProvider: "v8",
};
