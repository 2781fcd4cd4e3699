// What serverless.yml pulls in. The framework loads .js; Node reads the rest as TypeScript.
export { judgeLeaseSeconds } from "../shared/judging/lease.ts";
export { claimLifetimeSeconds } from "../shared/monitoring/claim.ts";
export { BundlePlugin as default } from "./plugin.ts";
export { logRetentionInDays, missingRegion, resources, stackTags } from "./stack.ts";
