import { DocumentStream } from "./body.ts";
import { jsonValue } from "./text.ts";

/**
 * The documents of a streamed body: server-sent events (`data: {…}`, ended by `data: [DONE]`) or JSON lines. A last one that was cut off
 * is left out, as the client did not get it either.
 * @returns `null` where the text is neither
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function documentStreamIn(text: string): DocumentStream | null {
  const first = text.trimStart();
  if (first.startsWith("{")) return documentsIn(linesOf(text), 2);
  return /^(?:data|event|id|retry)?:/.test(first) ? documentsIn(eventsOf(text), 1) : null;
}

/** @param least so many must be whole before a torn one is taken for the end of a stream */
function documentsIn(parts: Iterable<string>, least: number): DocumentStream | null {
  const documents: unknown[] = [];
  let torn = false;
  for (const part of parts) {
    if (torn) return null; // what is no JSON stands in the middle
    if (part === "[DONE]") break;
    const document = jsonValue(part);
    if (document === undefined) torn = true;
    else documents.push(document);
  }
  return documents.length < least ? null : new DocumentStream(documents);
}

function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf("\n", from);
    const to = newline === -1 ? text.length : newline;
    const line = text.slice(from, to).trim();
    if (line !== "") yield line;
    from = to + 1;
  }
}

/** The data of each event; comments and other fields say nothing about answers. Lines may end in CR, too. */
function* eventsOf(text: string): Generator<string> {
  let data: string[] = [];
  for (const raw of text.split(text.includes("\n") ? "\n" : "\r")) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
    else if (line.trim() === "" && data.length > 0) {
      yield* documentsOf(data);
      data = [];
    }
  }
  yield* documentsOf(data);
}

/** Several `data` lines of one event are one document, unless a server forgot the empty line after each. */
function documentsOf(data: string[]): string[] {
  if (data.length < 2) return data;
  const whole = data.join("\n");
  return jsonValue(whole) === undefined ? data : [whole];
}
