import { readFileSync } from "node:fs";
import type { Inference } from "../../../shared/capture/inference.ts";
import type { Subject } from "../../../shared/scoring/scorer.ts";
import { Text } from "../../../shared/scoring/text.ts";

type Example = string | [string, string];
type Labelled = Record<string, { of: "completion" | "prompt" | "both" | "reference"; bad: Example[]; good: Example[] }>;

/** An example written for one scorer, and whether it is what the scorer is to find. */
export type LabelledSubject = { subject: Subject; isBad: boolean };

/**
 * The examples that we wrote, by scorer: texts that the scorer should find, and about as many that it should leave alone, in many
 * languages; some that no such scorer can tell are among them. The sign ⟂ only keeps tools that search repositories for secrets
 * from finding examples of them, and is taken out.
 */
export function labelledSubjects(): Map<string, LabelledSubject[]> {
  const text = readFileSync(new URL("./labelled.json", import.meta.url), "utf8").replaceAll("⟂", "");
  const labelled = JSON.parse(text) as Labelled;
  return new Map(
    Object.entries(labelled).map(([scorer, { of, bad, good }]) => [
      scorer,
      [
        ...bad.map((example) => ({ subject: subjectOf(of, example), isBad: true })),
        ...good.map((example) => ({ subject: subjectOf(of, example), isBad: false })),
      ],
    ]),
  );
}

function subjectOf(of: Labelled[string]["of"], example: Example): Subject {
  const [first, second] = typeof example === "string" ? [example, ""] : example;
  switch (of) {
    case "completion":
      return textsAsSubject("", first, null);
    case "prompt":
      return textsAsSubject(first, "Yes.", null);
    case "both":
      return textsAsSubject(first, second, null);
    case "reference":
      return textsAsSubject("", second, first);
  }
}

/** A subject as the registry makes it of an answered chat. */
export function textsAsSubject(prompt: string, completion: string, reference: string | null, request: unknown = null): Subject {
  const inference: Inference = {
    eventId: "b1c2",
    endpoint: "support-chat",
    variant: "stable",
    time: "2026-03-02T09:41:07Z",
    adapter: "openai-chat",
    outcome: "answered",
    prompt,
    messages: [{ role: "user", content: prompt }],
    completion,
    finishReason: "stop",
    promptTokens: 12,
    completionTokens: 8,
    tokensEstimated: false,
    segment: "all",
    attributes: [],
    source: { bucket: "acme-captures", key: "k", offset: 0, length: 1 },
  };
  return {
    inference,
    prompt: new Text(prompt),
    completion: new Text(completion),
    request,
    reference: reference === null ? null : new Text(reference),
  };
}
