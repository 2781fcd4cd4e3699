export default {
  // Plain Node, whose own type stripping and module cache serve all files of a thread.
  runner: "jest-light-runner",
  setupFiles: ["<rootDir>/scripts/jest/setup.mjs"],
  transform: {},
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/.build", "<rootDir>/.serverless", "<rootDir>/.assay"],
};
