import Table from "cli-table3";
import { Command } from "commander";
import type { VariantCapacity } from "../shared/capacity/capacity.ts";
import { exitCodesHelp, WrongUse } from "./exit.ts";
import { print } from "./output.ts";
import { readAssay, usualConfig } from "./settings.ts";
import { inAws } from "./stack.ts";

type Options = { endpoint: string; config: string; json?: true };

export const capacity = new Command("capacity")
  .description("what an endpoint's variants do, cost and can take, now and at the usual peak, and how many instances they need")
  .requiredOption("--endpoint <name>", "of which endpoint, in the account and region of your credentials")
  .option("--config <file>", "assay.yml, for the latency limit and the prices", usualConfig())
  .option("--json", "one JSON object a variant and line instead of a table")
  .addHelpText(
    "after",
    `
The limit is latency.p90OverMs; the usual peak is the busiest of the next 24 hours, by the same hours of the past four weeks.${exitCodesHelp}`,
  )
  .action(async ({ endpoint, config, json }: Options) => {
    const { endpoints, defaults } = await readAssay(config);
    const settings = Object.hasOwn(endpoints, endpoint) ? endpoints[endpoint]! : defaults;
    const variants = await inAws(`The endpoint ${endpoint}`, async () => {
      // The SDK is loaded only here, so that help needs none of it.
      const { readLive } = await import("./capacity/live.ts");
      return readLive(endpoint, settings);
    });
    if (variants === null) throw new WrongUse(`There is no endpoint ${endpoint} in this account and region.`);
    await print(json ? variants.map((own) => `${JSON.stringify(own)}\n`).join("") : asText(variants, settings.latency.p90OverMs));
  });

function asText(variants: readonly VariantCapacity[], limitMs: number): string {
  const head = [
    "variant",
    "instances",
    "requests/s",
    "tokens/s",
    `p90 (limit ${limitMs} ms)`,
    "GPU memory",
    "USD per 1,000 answers",
    "USD per million tokens",
    "an instance takes",
    "free now",
    "free at peak",
  ];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const own of variants) {
    table.push([
      own.variant,
      own.instances,
      own.requestsPerSecond.toFixed(2),
      or(own.tokensPerSecond, (value) => value.toFixed(1)),
      or(own.latencyMs, (value) => `${Math.round(value)} ms`),
      or(own.gpuMemoryPercent, (value) => `${Math.round(value)} %`),
      or(own.microUsdPerThousandAnswers, usd),
      or(own.microUsdPerMillionTokens, usd),
      or(own.capacity, ({ perInstanceHour, by }) => `${by === "fitted" ? "" : "at least "}${Math.round(perInstanceHour)}/h`),
      or(own.headroom.now, percent),
      or(own.headroom.atPeak, percent),
    ]);
  }
  const advice = variants.map(({ variant, advice: { kind, because } }) => `${variant}: ${kind}. ${because}.`);
  return `${table.toString()}\n${advice.join("\n")}\n`;
}

const or = <T>(value: T | null, text: (value: T) => string) => (value === null ? "not known" : text(value));
const usd = (microUsd: number) => (microUsd / 1_000_000).toFixed(2);
const percent = (share: number) => `${Math.round(share * 100)} %`;
