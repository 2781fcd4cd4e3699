import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { turnsOf } from "../../../shared/capture/chatTemplate.ts";

const turns = (...said: [string, string][]) => said.map(([role, content]) => ({ role, content }));
const dialogue = turns(["system", "Be kind."], ["user", "Refund?"], ["assistant", "Within 30 days."], ["user", "And red ones?"]);

test.each([
  {
    it: "Llama 2",
    prompt: "<s>[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nRefund? [/INST] Within 30 days. </s><s>[INST] And red ones? [/INST]",
    reads: dialogue,
  },
  {
    it: "Llama 3",
    prompt:
      "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n" +
      "Refund?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nWithin 30 days.<|eot_id|>" +
      "<|start_header_id|>user<|end_header_id|>\n\nAnd red ones?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    reads: dialogue,
  },
  {
    it: "ChatML",
    prompt:
      "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nRefund?<|im_end|>\n<|im_start|>assistant\nWithin 30 days.<|im_end|>\n" +
      "<|im_start|>user\nAnd red ones?<|im_end|>\n<|im_start|>assistant\n",
    reads: dialogue,
  },
  {
    it: "Mistral, which has no system turn",
    prompt: "<s>[INST] Refund? [/INST] Within 30 days.</s>[INST] And red ones? [/INST]",
    reads: dialogue.slice(1),
  },
  {
    it: "newer Mistrals",
    prompt: "<s>[SYSTEM_PROMPT]Be kind.[/SYSTEM_PROMPT][INST]Refund?[/INST]Within 30 days.</s>[INST]And red ones?[/INST]",
    reads: dialogue,
  },
  {
    it: "Mistral with tools",
    prompt: '<s>[AVAILABLE_TOOLS] [{"type":"function"}][/AVAILABLE_TOOLS][INST] Refund? [/INST]',
    reads: turns(["user", "Refund?"]),
  },
  {
    it: "Llama 4",
    prompt:
      "<|begin_of_text|><|header_start|>system<|header_end|>\n\nBe kind.<|eot|><|header_start|>user<|header_end|>\n\n" +
      "Refund?<|eot|><|header_start|>assistant<|header_end|>\n\n",
    reads: dialogue.slice(0, 2),
  },
  {
    it: "Gemma",
    prompt:
      "<bos><start_of_turn>user\nRefund?<end_of_turn>\n<start_of_turn>model\nWithin 30 days.<end_of_turn>\n" +
      "<start_of_turn>user\nAnd red ones?<end_of_turn>\n<start_of_turn>model\n",
    reads: dialogue.slice(1),
  },
  {
    it: "an answer that the caller began",
    prompt: "<|im_start|>user\nRefund?<|im_end|>\n<|im_start|>assistant\nYes,",
    reads: turns(["user", "Refund?"], ["assistant", "Yes,"]),
  },
  { it: "the start of a sequence, twice", prompt: "<s><s>[INST] Refund? [/INST]", reads: turns(["user", "Refund?"]) },
  { it: "a template that was cut off", prompt: "[INST] Refund?", reads: turns(["user", "Refund?"]) },
])("splits a prompt written by the template of $it", ({ prompt, reads }) => expect(turnsOf(prompt)).toEqual(reads));

test.each([
  { it: "a question", prompt: "Refund?" },
  { it: "a question about a template", prompt: "What does <|im_start|>user mean?" },
  { it: "marks alone", prompt: "<|im_start|>" },
  { it: "an open turn alone", prompt: "<|im_start|>assistant\n" },
  { it: "nothing", prompt: "" },
])("leaves $it as one turn of the user", ({ prompt }) => expect(turnsOf(prompt)).toEqual(turns(["user", prompt])));

test("any text has at least one turn, none of them empty unless the text is", () => {
  const mark = fc.constantFrom("<s>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<|im_start|>", "user", "\n", "</s>", "a", " ");
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 12 }), (marks) => {
      const prompt = marks.join("");
      const read = turnsOf(prompt);
      expect(read.length).toBeGreaterThan(0);
      expect(read.every(({ content }) => content !== "") || prompt === "").toBe(true);
    }),
    { numRuns: 200 },
  );
});
