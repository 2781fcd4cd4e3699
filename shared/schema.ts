import { config } from "zod/mini";
import en from "zod/v4/locales/en.js";

// The small form of zod with the sentences of the large one, for what every cold start of `sample` loads: a quarter of its code.
config(en());

export * from "zod/mini";
