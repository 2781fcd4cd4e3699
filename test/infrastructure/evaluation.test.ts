import { expect, test } from "@jest/globals";
import { evaluation } from "../../infrastructure/evaluation.ts";
import { bodyFor, target } from "../../local/eventTarget.ts";
import { parseAssay } from "../../shared/config/load.ts";
import { readEvaluationRequest } from "../../shared/evaluation/request.ts";

const assay = `
endpoints:
  chat: { variants: [stable, candidate] }
evaluations:
  nightly:
    schedule: cron(0 3 * * ? *)
    endpoint: chat
    goldenSet: golden/faq.jsonl
    variants: [stable, candidate]
    budgetUsd: 2
    parameters: { stop: ["\${ResultsBucket}"] }
  live_24h:
    schedule: rate(1 day)
    endpoint: chat
    captured: { hours: 24, items: 500 }
    targets: [{ name: captured, answers: true }, { name: next, variant: candidate }]
`;

/** What an execution is given when a rule fires; CloudFormation has filled in the bucket. */
function inputOf(id: string) {
  const { Properties } = evaluation(parseAssay(assay, "assay.yml"), "prod")[id]!;
  const { Name, ScheduleExpression, Targets } = Properties as { Name: string; ScheduleExpression: string; Targets: object[] };
  const filled = JSON.parse(JSON.stringify(Targets[0]), (_, value: unknown) =>
    typeof value === "object" && value !== null && "Fn::Sub" in value
      ? String(value["Fn::Sub"]).replaceAll("${ResultsBucket}", "results-bucket").replaceAll("${!", "${")
      : typeof value === "object" && value !== null && "Fn::GetAtt" in value
        ? "arn:aws:states:eu-west-1:000000000000:stateMachine:e"
        : value,
  ) as object;
  const body = bodyFor(target.parse(filled), { time: "2026-03-02T03:00:00Z" });
  return { Name, ScheduleExpression, request: readEvaluationRequest(JSON.parse(body)) };
}

test("a golden set is asked every night, each night as an evaluation of its own", () => {
  expect(inputOf("EvaluationSchedulenightly")).toMatchObject({
    Name: "assay-prod-evaluation-nightly",
    ScheduleExpression: "cron(0 3 * * ? *)",
    request: {
      id: "nightly-20260302T0300",
      questions: { kind: "goldenSet", bucket: "results-bucket", key: "golden/faq.jsonl" },
      budgetMicroUsd: 2_000_000,
      parameters: { stop: ["${ResultsBucket}"] },
    },
  });
});

test("the last day's traffic is asked again, beside the answers that were given", () => {
  expect(inputOf("EvaluationScheduleliveLine24h").request).toMatchObject({
    id: "live_24h-20260302T0300",
    questions: { kind: "captured", from: "2026-03-01T03:00:00Z", to: "2026-03-02T03:00:00Z", items: 500 },
    targets: [
      { kind: "answers", name: "captured" },
      { name: "next", variant: "candidate" },
    ],
  });
});

test("without an evaluation on a schedule there is neither rule nor role", () => {
  const resources = evaluation(parseAssay("endpoints: { chat: { variants: [a] } }", "assay.yml"), "prod");
  expect(Object.keys(resources).filter((id) => id.startsWith("EvaluationSchedule"))).toEqual([]);
});

test.each([
  { it: "an unknown endpoint", line: "endpoint: other", says: "is listed under endpoints; there are chat" },
  { it: "a set outside of golden/", line: "goldenSet: evaluations/x", says: "Name an object under golden/" },
  { it: "no schedule", line: "schedule: daily", says: "Give rate(…) or cron(…)" },
  { it: "an unknown member", line: "budget: 2", says: "budget" },
])("$it is refused with its line", ({ line, says }) => {
  const [key] = line.split(":");
  const text = `${assay.replace(new RegExp(`\n    ${key}: .*`), "").replace("  nightly:\n", `  nightly:\n    ${line}\n`)}`;
  expect(() => parseAssay(text, "assay.yml")).toThrow(expect.objectContaining({ message: expect.stringContaining(says) }));
});
