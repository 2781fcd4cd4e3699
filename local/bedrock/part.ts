import { z } from "zod";
import { parseInput } from "../parseInput.ts";
import { Unanswerable } from "../sagemaker/payloads.ts";
import { readGrades } from "../sagemaker/recordedJudge.ts";
import type { TakesFor } from "../sagemaker/recordedModel.ts";
import { AwsError, type Part, type World } from "../world.ts";

const texts = z.array(z.strictObject({ text: z.string() })).min(1);
/** What a judge is asked by; a member that would change the answer and is not honoured here is refused by its name. */
const converse = z.strictObject({
  modelId: z.string().min(1),
  system: texts.optional(),
  messages: z.array(z.strictObject({ role: z.enum(["user", "assistant"]), content: texts })).min(1),
  inferenceConfig: z
    .strictObject({ temperature: z.number().min(0).max(1).optional(), maxTokens: z.int().min(1).optional() })
    .optional(),
  outputConfig: z
    .strictObject({
      textFormat: z.strictObject({
        type: z.literal("json_schema"),
        structure: z.strictObject({ jsonSchema: z.strictObject({ name: z.string(), schema: z.string() }) }),
      }),
    })
    .optional(),
});

export type Bedrock = Part & {
  /** From now on a model answers with the grades of a recording in S3. @throws InvalidRecording, AwsError */
  record(modelId: string, s3Uri: string): Promise<void>;
};

/** Bedrock's runtime: `Converse` with models that are recordings of a judge's grades. A model without a recording is not there. */
export function createBedrock(world: World): Bedrock {
  const models = new Map<string, { uri: string; takesFor: TakesFor; asked: number }>();
  return {
    scope: "bedrock",
    operations: {
      Converse(input) {
        const { modelId, system = [], messages } = parseInput(converse, input, "ValidationException");
        const model = models.get(modelId);
        if (!model) throw new AwsError("ResourceNotFoundException", `There is no recording for the model ${modelId}.`, 404);
        const said = messages.map(({ role, content }) => ({ role, content: content.map(({ text }) => text).join("\n") }));
        const turns = [{ role: "system", content: system.map(({ text }) => text).join("\n") }, ...said];
        try {
          const takes = model.takesFor({ messages: turns });
          if (!takes)
            throw new Unanswerable(404, `The recording ${model.uri} has no grades for this answer, and none are made up.`);
          const chance = world.chance("bedrock", modelId, String(model.asked++));
          const { completion, promptTokens, completionTokens, latencyMs } = takes[Math.floor(chance * takes.length)]!;
          return {
            output: { message: { role: "assistant", content: [{ text: completion }] } },
            stopReason: "end_turn",
            usage: {
              inputTokens: promptTokens,
              outputTokens: completionTokens,
              totalTokens: promptTokens + completionTokens,
            },
            metrics: { latencyMs },
          };
        } catch (error) {
          if (error instanceof Unanswerable) throw new AwsError("ValidationException", error.message);
          throw error;
        }
      },
    },
    async record(modelId, s3Uri) {
      const { hostname: Bucket, pathname } = new URL(s3Uri);
      const { Body } = await world.call("s3", "GetObject", { Bucket, Key: decodeURIComponent(pathname.slice(1)) });
      models.set(modelId, { uri: s3Uri, takesFor: readGrades((Body as Buffer).toString("utf8"), s3Uri), asked: 0 });
    },
  };
}
