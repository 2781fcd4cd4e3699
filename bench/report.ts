import { page } from "../shared/reporting/page/page.ts";
import { readSpan } from "../shared/reporting/span/read.ts";
import { spanReport } from "../shared/reporting/span/report.ts";
import type { Bench } from "./bench.ts";
import { monthOf, monthSource } from "./report/month.ts";

/** How large the page of a month is, and what reading and writing it takes, without the way to S3. */
export const report: Bench = {
  name: "report",
  runs: 1,
  says: "size of the report of a month of three variants, and the processor time to make it, apart from reading S3",
  async run(runs, progress) {
    const { endpoint, fromMs, days } = monthOf;
    const times: number[] = [];
    let bytes = 0;
    let points = 0;
    for (let run = 0; run < runs; run++) {
      const before = process.cpuUsage();
      const span = { endpoint, fromMs, untilMs: fromMs + days * 86_400_000, assay: null };
      const facts = await readSpan(monthSource(), span, (done, of) => progress(`${done} of ${of} windows`));
      const html = page(spanReport({ ...facts, title: endpoint, origin: ["Simulated."], events: [] }));
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1e6);
      bytes = Buffer.byteLength(html);
      points = facts.times.length;
    }
    const cpuSeconds = times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!; // there is a run
    return { figures: { bytes, points, cpuSeconds, runs }, references: { bytes: 1_000_000 } };
  },
};
