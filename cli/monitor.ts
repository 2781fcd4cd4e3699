import { readFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command } from "commander";
import { type Baseline, parseBaseline, UnusableBaseline } from "../shared/monitoring/baseline.ts";
import { findingText } from "../shared/monitoring/findingText.ts";
import type { SignalLine } from "../shared/monitoring/monitorState.ts";
import { monitorStream, type StreamEvent } from "../shared/monitoring/monitorStream.ts";
import { endpointsOf, readingsOf, windowsOf } from "../shared/monitoring/recordedStream.ts";
import type { MonitorSettings, Watched } from "../shared/monitoring/rules.ts";
import { stateText } from "../shared/monitoring/signalLines.ts";
import { iso, windowMs as usualWindowMs } from "../shared/monitoring/windows.ts";
import { exitCode, exitCodesHelp, WrongUse } from "./exit.ts";
import { print } from "./output.ts";
import { readAssay, usualConfig } from "./settings.ts";
import { baselineFrom, linesOf, readStreams, recordedSettings, watchedIn } from "./streams.ts";
import { windowLength } from "./window.ts";

type Options = {
  baseline?: string;
  window?: number;
  config?: string;
  stack?: string;
  rebuild?: true;
  endpoint?: string;
  json?: true;
};

export const monitor = new Command("monitor")
  .description("run estimates and detectors over recorded streams: what changed, since when, and whose change it is")
  .argument("[streams...]", "JSON lines as `assay score` prints them, with pi and judgement; and judged anchors")
  .option("--baseline <file>", "a recorded stream of when all was well, or a baseline that `assay baseline create` wrote")
  .option("--window <length>", "how long a window is, e.g. 15m or 1h; without it 15m, or what the baseline has", windowLength)
  .option("--config <file>", "assay.yml with tolerance and false alarms; without it, the built-in defaults")
  .option("--json", "one JSON object per window and signal, and per finding, instead of a table")
  .option("--stack <stage>", "with --rebuild: the deployed stage whose monitors are rebuilt")
  .option("--rebuild", "instead of streams: replay what the monitors of a stack took in, and write their state anew")
  .option("--endpoint <name>", "with --rebuild: only this endpoint")
  .addHelpText("after", exitCodesHelp)
  .action(async (files: string[], { baseline, window, config, stack, rebuild, endpoint, json }: Options) => {
    if (rebuild) {
      if (stack === undefined || files.length > 0)
        throw new WrongUse("Of what? Give --stack STAGE with --rebuild, and no stream.");
      return rebuildMonitors(stack, endpoint, config ?? usualConfig(), json);
    }
    if (files.length === 0 || baseline === undefined)
      throw new WrongUse("Give the recorded streams to monitor, and --baseline FILE to compare them with.");
    const assay = config === undefined ? null : await readAssay(config);
    const reference = await readReference(baseline, window);
    const stream = await readStreams(files, reference.windowMs);
    if (stream.windows.size === 0) throw new WrongUse(`${files.join(", ")}: there is no answer to monitor.`);

    const endpoints = endpointsOf(stream);
    const watched = endpoints.map((endpoint) => [endpoint, reference.watch(endpoint, windowsOf(stream, endpoint))] as const);
    const settings = recordedSettings(new Map(watched), assay, reference.windowMs);
    const baselines = endpoints.map((endpoint) => reference.of(endpoint, settings(endpoint)));
    const events = baselines.flatMap((frozen) => {
      const { endpoint } = frozen;
      return [...monitorStream(endpoint, windowsOf(stream, endpoint), readingsOf(stream, endpoint), frozen, settings(endpoint))];
    });
    events.sort((a, b) => a.atMs - b.atMs); // stable: those of one endpoint stay in order

    if (json) for (const event of events) await print(`${JSON.stringify(asJson(event))}\n`);
    else await print(asText(events, baselines));
    process.exitCode = events.some((event) => "finding" in event) ? exitCode.finding : exitCode.done;
  });

async function rebuildMonitors(
  stage: string,
  endpoint: string | undefined,
  config: string,
  json: true | undefined,
): Promise<void> {
  const assay = await readAssay(config);
  const watched = Object.keys(assay.endpoints).filter((name) => assay.endpoints[name]!.judge !== null);
  // The SDK is loaded only here, so that commands on files do not wait for it.
  const { rebuildInStack } = await import("./monitor/rebuild.ts");
  for (const rebuilt of await rebuildInStack(stage, endpoint === undefined ? watched : [endpoint], assay)) {
    const { endpoint: name, lastWindow, findings, changed } = rebuilt;
    const how = changed ? "was written anew" : "is as its windows make it";
    const until = lastWindow === null ? "no window yet" : `up to window ${lastWindow}`;
    await print(json ? `${JSON.stringify(rebuilt)}\n` : `The monitor of ${name} ${how}: ${until}, ${findings} open findings.\n`);
  }
}

/** What the streams are compared with. */
type Reference = {
  windowMs: number;
  watch(endpoint: string, recorded: ReturnType<typeof windowsOf>): Watched;
  of(endpoint: string, settings: MonitorSettings): Baseline;
};

async function readReference(file: string, window: number | undefined): Promise<Reference> {
  const frozen = await readFrozen(file);
  if (frozen !== null && window !== undefined && window !== frozen.windowMs)
    throw new WrongUse(`${file} has windows of ${frozen.windowMs / 60_000}m. Leave --window out, or freeze it anew.`);
  const windowMs = window ?? frozen?.windowMs ?? usualWindowMs;
  // Of an endpoint that a frozen baseline is not about, there is nothing to compare with: an empty stream.
  const stream = await readStreams(frozen === null ? [file] : [], windowMs);
  return {
    windowMs,
    watch: (endpoint, recorded) =>
      watchedIn([...windowsOf(stream, endpoint), ...recorded], frozen?.endpoint === endpoint ? frozen : null),
    of: (endpoint, settings) =>
      frozen?.endpoint === endpoint ? frozen : baselineFrom(stream, endpoint, file, settings, iso(Date.now())),
  };
}

/** A baseline is one line of JSON with a version; what else begins with an object is a stream: `null`. */
async function readFrozen(file: string): Promise<Baseline | null> {
  for await (const { text } of linesOf(file)) {
    if (!/^\{"version":"[0-9a-f]{16}"/.test(text)) return null;
    try {
      return parseBaseline(await readFile(file, "utf8"), file);
    } catch (error) {
      if (error instanceof UnusableBaseline) throw new WrongUse(error.message, { cause: error });
      throw error;
    }
  }
  throw new WrongUse(`${file} is empty: a baseline is expected, or a recorded stream of when all was well.`);
}

function asJson(event: StreamEvent): object {
  return "line" in event ? event.line : { finding: event.finding };
}

/** The last window of each signal, what was found, and what could not be watched. */
function asText(events: readonly StreamEvent[], baselines: readonly Baseline[]): string {
  const last = new Map<string, SignalLine>();
  for (const event of events)
    if ("line" in event) last.set(JSON.stringify([event.line.endpoint, event.line.variant, event.line.signal]), event.line);
  const table = new Table({
    head: ["endpoint", "variant", "signal", "judged", "estimate", "95 % interval", "evidence", "state"],
    colAligns: ["left", "left", "left", "right", "right", "left", "right", "left"],
    style: { head: [], border: [] },
  });
  for (const line of last.values()) {
    const { endpoint, variant, signal, judged, estimate, lower, upper, evidence } = line;
    const interval = lower === null || upper === null ? "—" : `${lower.toFixed(3)} to ${upper.toFixed(3)}`;
    table.push([
      endpoint,
      variant ?? "all",
      signal,
      judged,
      estimate?.toFixed(3) ?? "—",
      interval,
      evidence.toFixed(2),
      stateText(line),
    ]);
  }
  const windows = new Set([...events].flatMap((event) => ("line" in event ? [event.line.window] : [])));
  const findings = events.flatMap((event) => ("finding" in event ? [event.finding] : []));
  const found = findings.map(findingText);
  const limits = baselines.flatMap(({ endpoint, limits, selfTest }) => [
    ...limits.map(({ signal, because }) => `${endpoint}, ${signal}: ${because}`),
    ...selfTest.map(
      ({ variant, criterion, window }) =>
        `${endpoint}, ${criterion} of ${variant}: the baseline's own days differ (alarm at ${window}). Raise quality.tolerance.`,
    ),
  ]);
  return [
    ...found,
    found.length === 0 ? `Nothing changed in ${windows.size} windows.` : "",
    `The last window of each signal, of ${windows.size}:`,
    table.toString(),
    ...limits,
    "",
  ]
    .filter((line, i, all) => line !== "" || i === all.length - 1)
    .join("\n");
}
