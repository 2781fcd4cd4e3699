import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { InvokeEndpointWithResponseStreamCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { captureStreams } from "../capture/index.ts";
import type { Bench } from "./bench.ts";

const Body = Buffer.from(JSON.stringify({ stream: true, messages: [{ role: "user", content: "A question. ".repeat(80) }] }));
/** Streams at once where their number a second is measured. */
const atOnce = 16;
const streamsEach = 200;

type Reading = { firstPartMs: number; wholeMs: number; cpuMs: number };

/**
 * What capturing costs a client that streams, beside one that does not, against a server in another thread. Both take turns, so that a
 * busy machine is as busy for both. Captures go to an S3 in that thread, too.
 */
export const capture: Bench = {
  name: "capture",
  says: "the real client with assay/capture beside the bare one: first part, whole stream, streams a second of one processor",
  runs: 300,
  async run(runs, progress) {
    const server = new Worker(new URL("./capture/server.ts", import.meta.url));
    const [port] = (await once(server, "message")) as [number];
    const settings = {
      ...{ endpoint: `http://127.0.0.1:${port}`, region: "eu-west-1" },
      credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
    };
    const bare = new SageMakerRuntimeClient(settings);
    const captured = new SageMakerRuntimeClient(settings);
    process.env.AWS_ENDPOINT_URL_S3 = settings.endpoint;
    const watching = captureStreams(captured, { destination: "s3://captures/bench" });
    try {
      const readings = { bare: [] as Reading[], captured: [] as Reading[] };
      const rates = { bare: [] as number[], captured: [] as number[] };
      for (let run = 0; run < runs + 20; run++) {
        progress(`stream ${run + 1} of ${runs + 20}`);
        // Who goes first changes, and the first streams only compile the code.
        for (const name of inTurn(run)) {
          const reading = await read(name === "bare" ? bare : captured);
          if (run >= 20) readings[name].push(reading);
        }
      }
      for (let round = 0; round < 10; round++) {
        progress(`${atOnce} streams at once, round ${round + 1} of 10`);
        for (const name of inTurn(round)) rates[name].push(await streamsPerSecond(name === "bare" ? bare : captured));
      }
      await watching.flush();
      const { written, dropped } = watching.counts;
      const of = (name: "bare" | "captured") => ({
        firstPartMs: median(readings[name].map(({ firstPartMs }) => firstPartMs)),
        wholeMs: median(readings[name].map(({ wholeMs }) => wholeMs)),
        cpuMs: median(readings[name].map(({ cpuMs }) => cpuMs)),
        streamsPerSecond: median(rates[name]),
      });
      return { figures: { ...of("captured"), written, dropped }, references: of("bare") };
    } finally {
      await watching.close();
      await server.terminate();
    }
  },
};

const inTurn = (round: number) => (round % 2 === 0 ? (["bare", "captured"] as const) : (["captured", "bare"] as const));

/** One stream, from the call to its end: milliseconds until the first part, until the end, and of this process' processor. */
async function read(client: SageMakerRuntimeClient): Promise<Reading> {
  const startMs = performance.now();
  const cpu = process.threadCpuUsage();
  const command = { EndpointName: "bench", ContentType: "application/json", Body };
  const { Body: stream } = await client.send(new InvokeEndpointWithResponseStreamCommand(command));
  let firstPartMs: number | null = null;
  for await (const _ of stream!) firstPartMs ??= performance.now() - startMs;
  const wholeMs = performance.now() - startMs;
  const { user, system } = process.threadCpuUsage(cpu);
  if (firstPartMs === null) throw new Error("The bench's server sent an empty stream.");
  return { firstPartMs, wholeMs, cpuMs: (user + system) / 1_000 };
}

/** Streams in a second of this thread's processor, with the writing of captures: what a service has to pay, whatever else the machine does. */
async function streamsPerSecond(client: SageMakerRuntimeClient): Promise<number> {
  const before = process.threadCpuUsage();
  let left = streamsEach;
  const one = async () => {
    while (left-- > 0) await read(client);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const { user, system } = process.threadCpuUsage(before);
  return (streamsEach * 1e6) / (user + system);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
