import { z } from "zod";

/** Dollars of assay.yml are micro-dollars in code. */
export const microUsd = 1_000_000;

/** A mapping with a closed set of keys. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const keys = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? `Known here: ${keys}.` : `Give a section with ${keys}.`),
  });
}

export const whole = (min: number, max: number, unit: string) => {
  const rule = `Give a whole number of ${unit} from ${min} to ${max}.`;
  return z.int(rule).min(min, rule).max(max, rule);
};

export const sageMakerName = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
export const nameRule =
  "SageMaker takes letters, digits and hyphens, beginning and ending without a hyphen, at most 63 characters.";
