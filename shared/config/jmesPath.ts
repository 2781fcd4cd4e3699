import { JMESPathError, JMESPathTypeError, search } from "@aws-lambda-powertools/jmespath";

/** What is wrong with a JMESPath expression, as the parser says it, or `null`. Only what is wrong for every input counts: a wrong type depends on it. */
export function jmesPathProblem(expression: string): string | null {
  try {
    search(expression, {});
    return null;
  } catch (error) {
    if (error instanceof JMESPathTypeError) return null;
    if (error instanceof JMESPathError)
      return error.message.replace(/^Invalid jmespath expression: /, "").replace(` in expression: ${expression}`, "");
    throw error;
  }
}
