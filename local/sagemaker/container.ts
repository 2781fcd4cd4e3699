import type { World } from "../world.ts";
import { forward } from "./forward.ts";
import { readGrades } from "./recordedJudge.ts";
import { type Answer, type Asked, answerFrom, readRecording, type TakesFor, takesIn } from "./recordedModel.ts";
import type { ModelRequest } from "./requests.ts";

/** What serves a variant. `provenance` stands in every answer: nothing recorded is passed off as live. */
export type Container = {
  provenance: "recorded" | "forwarded";
  answer(request: Buffer, asked: Asked): Answer | Promise<Answer>;
};

/**
 * Starts the container of a model.
 * @param dataUrl the recording that it answers from, in S3; a model that forwards has none
 * @throws InvalidRecording, AwsError
 */
export async function startContainer(
  world: World,
  { PrimaryContainer: { Image, Environment } }: ModelRequest,
  dataUrl: string | undefined,
): Promise<Container> {
  if (Image === "assay-local/openai") {
    const target = {
      baseUrl: Environment.OPENAI_BASE_URL!, // the request's schema wants it for this image
      model: Environment.OPENAI_MODEL ?? null,
      apiKey: process.env.OPENAI_API_KEY,
    };
    return { provenance: "forwarded", answer: (request) => forward(world, target, request) };
  }
  const uri = dataUrl!; // the request's schema wants it for the others
  const source = await readText(world, uri);
  const takesFor: TakesFor =
    Image === "assay-local/recorded-judge" ? readGrades(source, uri) : takesIn(readRecording(source, uri), Environment.PAYLOAD);
  return { provenance: "recorded", answer: (request, asked) => answerFrom(uri, takesFor, request, asked) };
}

async function readText(world: World, uri: string): Promise<string> {
  const { hostname: Bucket, pathname } = new URL(uri);
  const { Body } = await world.call("s3", "GetObject", { Bucket, Key: decodeURIComponent(pathname.slice(1)) });
  return (Body as Buffer).toString("utf8");
}
