import type { JudgeSettings } from "../../config/assay.ts";
import { bedrock } from "./bedrock.ts";
import { openai } from "./openai.ts";
import type { Provider } from "./provider.ts";
import { sagemaker } from "./sagemaker.ts";

/** Everyone who can be asked to grade: a new provider is a file, a line here, and its caller in shared/aws/judge.ts. */
export const providers: Record<JudgeSettings["provider"], Provider> = { sagemaker, bedrock, openai };
