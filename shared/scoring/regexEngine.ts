import { RE2JS } from "re2js";
import { provideRegexEngine } from "./rules.ts";

// Large, and idle unless some rule of assay.yml is a regular expression: whoever checks or scores such rules imports this file.
provideRegexEngine(RE2JS);

/** What is wrong with a regular expression, or `null`. */
export function regexProblem(expression: string): string | null {
  try {
    RE2JS.compile(expression);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
