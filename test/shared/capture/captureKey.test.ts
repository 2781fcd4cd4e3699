import { expect, test } from "@jest/globals";
import { parseCaptureKey } from "../../../shared/capture/captureKey.ts";

const uuid = "55126149-826d-415a-967b-33fa7f4666f3";

test.each([
  {
    it: "a key without prefix",
    key: `support-chat/AllTraffic/2026/02/19/01/34-30-683-${uuid}.jsonl`,
    reads: { endpoint: "support-chat", variant: "AllTraffic", hour: "2026-02-19T01", startedAt: "2026-02-19T01:34:30.683Z" },
  },
  {
    it: "a key under a prefix that looks like a partition",
    key: `datacapture/endpoint=support-chat-2025/support-chat/stable/2025/09/23/05/02-45-884-${uuid}.jsonl`,
    reads: { endpoint: "support-chat", variant: "stable", hour: "2025-09-23T05", startedAt: "2025-09-23T05:02:45.884Z" },
  },
  {
    it: "a key whose prefix is dates too",
    key: `archive/2020/01/02/03/chat/v2/2024/02/29/23/59-59-999-${uuid}.jsonl`,
    reads: { endpoint: "chat", variant: "v2", hour: "2024-02-29T23", startedAt: "2024-02-29T23:59:59.999Z" },
  },
  {
    it: "a name of another form, which starts at its hour",
    key: "chat/v2/2026/03/02/09/records-of-a-proxy.jsonl",
    reads: { endpoint: "chat", variant: "v2", hour: "2026-03-02T09", startedAt: "2026-03-02T09:00:00.000Z" },
  },
  {
    it: "a name whose first number is no minute",
    key: `chat/v2/2026/03/02/09/61-07-118-${uuid}.jsonl`,
    reads: { endpoint: "chat", variant: "v2", hour: "2026-03-02T09", startedAt: "2026-03-02T09:00:00.000Z" },
  },
])("reads $it", ({ key, reads }) => expect(parseCaptureKey(key)).toEqual(reads));

test.each([
  { it: "a manifest of another suffix", key: "chat/v2/2026/03/02/09/manifest.json" },
  { it: "results beside captures", key: "results/baselines/statistics.jsonl" },
  { it: "a day that does not exist", key: `chat/v2/2026/02/30/09/41-07-118-${uuid}.jsonl` },
  { it: "an hour that does not exist", key: `chat/v2/2026/03/02/24/41-07-118-${uuid}.jsonl` },
  { it: "a key without variant", key: `chat/2026/03/02/09/41-07-118-${uuid}.jsonl` },
  { it: "a folder deeper than the hour", key: `chat/v2/2026/03/02/09/41/x-${uuid}.jsonl` },
  { it: "nothing", key: "" },
])("is not misled by $it", ({ key }) => expect(parseCaptureKey(key)).toBeNull());
