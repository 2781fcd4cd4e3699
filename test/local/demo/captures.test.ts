import { expect, test } from "@jest/globals";
import { planCaptures } from "../../../local/demo/captures.ts";

const hour = "2026/03/02/09";
const inLayout = "chat/AllTraffic/2026/03/01/23/41-07-118-5f0c.jsonl";

test.each([
  {
    it: "SageMaker's layout: those are the captures, and all else is ignored",
    paths: [inLayout, "truth.jsonl", "README.md"],
    files: [{ path: inLayout, key: inLayout }],
    ignored: ["truth.jsonl", "README.md"],
  },
  {
    it: "loose files: of an endpoint named after their folder",
    paths: ["a.jsonl", "notes.txt"],
    files: [{ path: "a.jsonl", key: "my-captures/AllTraffic/2026/03/02/09/0-a.jsonl" }],
    ignored: ["notes.txt"],
  },
  {
    it: "loose files in folders: of the nearest one",
    paths: ["x/support chat/a.jsonl"],
    files: [{ path: "x/support chat/a.jsonl", key: "support-chat/AllTraffic/2026/03/02/09/0-x-support-chat-a.jsonl" }],
    ignored: [],
  },
  {
    it: "files and folders of one name in different places: none takes another's place",
    paths: ["a/x/1.jsonl", "b/x/1.jsonl", "a-x/1.jsonl"],
    files: [
      { path: "a/x/1.jsonl", key: "x/AllTraffic/2026/03/02/09/0-a-x-1.jsonl" },
      { path: "b/x/1.jsonl", key: "x/AllTraffic/2026/03/02/09/1-b-x-1.jsonl" },
      { path: "a-x/1.jsonl", key: "a-x/AllTraffic/2026/03/02/09/2-a-x-1.jsonl" },
    ],
    ignored: [],
  },
  { it: "nothing to play", paths: ["notes.txt"], files: [], ignored: ["notes.txt"] },
])("$it", ({ paths, files, ignored }) => expect(planCaptures(paths, "my captures", hour)).toEqual({ files, ignored }));
