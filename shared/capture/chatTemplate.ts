import type { Turn } from "./inference.ts";

/**
 * The turns of a prompt that is one string with a chat template inside: Llama 2 and Mistral (`[INST]`), Llama 3
 * (`<|start_header_id|>`), Llama 4 (`<|header_start|>`), ChatML (`<|im_start|>`), Gemma (`<start_of_turn>`). Any other text is one user turn, also a text that
 * mentions such marks further on: only a prompt that begins with one was written by a template.
 * Sources: the chat templates in the tokenizer configurations of these models
 */
export function turnsOf(prompt: string): Turn[] {
  const text = withoutStart(prompt);
  const template = headed.find(({ open }) => text.startsWith(open));
  const isInstruction = /^\[(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS)\]/.test(text);
  const turns = template ? headedTurns(text, template) : isInstruction ? instructionTurns(text) : [];
  // A template without a word of anybody is a text like any other.
  return turns.length === 0 ? [{ role: "user", content: prompt }] : turns;
}

/** `open` role `close` content `end`. */
type Headed = { open: string; close: string; end: string };
const headed: readonly Headed[] = [
  { open: "<|start_header_id|>", close: "<|end_header_id|>", end: "<|eot_id|>" },
  { open: "<|header_start|>", close: "<|header_end|>", end: "<|eot|>" },
  { open: "<|im_start|>", close: "\n", end: "<|im_end|>" },
  { open: "<start_of_turn>", close: "\n", end: "<end_of_turn>" },
];

/** Templates begin with what starts a sequence, once or (added by hand and by the tokenizer) twice. */
function withoutStart(prompt: string): string {
  let text = prompt.trimStart();
  for (const start of ["<|begin_of_text|>", "<bos>", "<s>", "<s>"]) {
    if (text.startsWith(start)) text = text.slice(start.length).trimStart();
  }
  return text;
}

function headedTurns(text: string, { open, close, end }: Headed): Turn[] {
  return text.split(open).flatMap((piece) => {
    const closed = piece.indexOf(close);
    if (closed === -1) return [];
    const content = upTo(piece.slice(closed + close.length), end).trim();
    // The last turn is open: the model is to write it.
    return content === "" ? [] : [{ role: roleOf(piece.slice(0, closed).trim()), content }];
  });
}

/** `[INST] <<SYS>>…<</SYS>> question [/INST] answer </s>`, again and again; newer Mistrals have `[SYSTEM_PROMPT]…[/SYSTEM_PROMPT]`. */
function instructionTurns(text: string): Turn[] {
  const turns: Turn[] = [];
  const add = (role: Turn["role"], content: string) => {
    if (content.trim() !== "") turns.push({ role, content: content.trim() });
  };
  const [before, ...rounds] = text.split("[INST]");
  if (before?.startsWith("[SYSTEM_PROMPT]")) add("system", upTo(before.slice("[SYSTEM_PROMPT]".length), "[/SYSTEM_PROMPT]"));
  for (const round of rounds) {
    const [asked, answered] = halves(round, "[/INST]");
    const [system, question] = asked.trimStart().startsWith("<<SYS>>") ? halves(asked, "<</SYS>>") : ["", asked];
    add("system", system.replace("<<SYS>>", ""));
    add("user", question);
    add("assistant", upTo(answered, "</s>"));
  }
  return turns;
}

function upTo(text: string, mark: string): string {
  return halves(text, mark)[0];
}

function halves(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** Whoever is none of those that we know speaks to the model: a template may name them as it likes. */
export function roleOf(role: string): Turn["role"] {
  switch (role) {
    case "system":
    case "developer":
      return "system";
    case "assistant":
    case "model":
    case "ai":
      return "assistant";
    case "tool":
    case "function":
    case "ipython":
      return "tool";
    default:
      return "user";
  }
}
