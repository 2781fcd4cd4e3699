export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  transform: { "^.+\\.ts$": "<rootDir>/scripts/jest-strip-types.mjs" },
  modulePathIgnorePatterns: ["<rootDir>/.build", "<rootDir>/.serverless", "<rootDir>/.assay"],
  coverageProvider: "v8",
};
