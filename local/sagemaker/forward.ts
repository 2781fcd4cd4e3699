import { realTime } from "../clock.ts";
import type { World } from "../world.ts";
import type { Answer } from "./recordedModel.ts";

/** SageMaker gives a model a minute. */
const timeoutMs = 60_000;

/**
 * Hands a request on to an OpenAI-compatible server and its answer back, whatever the status. For real time: on stepped time the clock
 * stands still meanwhile.
 * @param baseUrl e.g. `http://127.0.0.1:11434/v1`
 * @param model what the server calls its model, or `null`: whatever the request says
 * @param apiKey from the environment of this process only: what is deployed is shown to whoever asks
 */
export async function forward(
  world: World,
  { baseUrl, model, apiKey }: { baseUrl: string; model: string | null; apiKey: string | undefined },
  request: Buffer,
): Promise<Answer> {
  const release = world.hold();
  const startedAt = realTime.now();
  const answered = (status: number, body: Buffer, contentType = "application/json"): Answer => ({
    status,
    body,
    contentType,
    latencyMs: realTime.now() - startedAt,
  });
  try {
    const response = await fetch(`${baseUrl.replace(/\/$/, "")}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) },
      body: model === null ? request : withModel(request, model),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return answered(
      response.status,
      Buffer.from(await response.arrayBuffer()),
      response.headers.get("content-type") ?? undefined,
    );
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    return answered(503, Buffer.from(JSON.stringify({ error: { message: `${baseUrl} did not answer: ${why}`, code: 503 } })));
  } finally {
    release();
  }
}

function withModel(request: Buffer, model: string): Buffer {
  try {
    return Buffer.from(JSON.stringify({ ...(JSON.parse(request.toString("utf8")) as object), model }));
  } catch {
    return request; // the server says best what is wrong with it
  }
}
