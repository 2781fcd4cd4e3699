import { type Answered, overloaded, unreachable } from "./answered.ts";

/** As SageMaker gives a model: who has not answered in a minute is asked again, and others wait no longer for it. */
export const callTimeoutMs = 60_000;

/** Statuses that speak of the request itself. */
const rejections = new Set([400, 413, 422]);
/** The request never left. */
const notSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/**
 * Asks a server that speaks OpenAI's API.
 * @param url the base of the API
 * @param apiKey `null` where the server wants none
 * @throws Throttled, JudgeUnreachable; neither has the key in it
 */
export async function askOpenAi(url: string, apiKey: string | null, body: string): Promise<Answered> {
  const called = `The judge at ${url}`;
  let response: Response;
  try {
    response = await fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }) },
      body,
      redirect: "error", // the key and the texts are for this server only
      signal: AbortSignal.timeout(callTimeoutMs),
    });
    if (response.ok) return { state: "answered", body: await response.text() };
    await response.body?.cancel();
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    throw unreachable(called, code === undefined || !notSent.has(code), error);
  }
  const { status } = response;
  if (status === 408 || status === 429 || status >= 500) throw overloaded(called, status);
  if (!rejections.has(status)) throw unreachable(called, false, status);
  return { state: "rejected", status };
}
