import * as z from "zod";

// What a good answer can do without never costs us the answer: in a form we do not know, it counts as not said.
export const optionalText = z.string().nullish().catch(null);
export const optionalCount = z.int().min(0).nullish().catch(null);
export const optionalFlag = z.boolean().nullish().catch(null);
export const optionalList = z.array(z.unknown()).nullish().catch(null);
