/** Jest's setup file, once in each thread: leads imports of `@jest/globals` to what the runner provides. */
import { registerHooks } from "node:module";

const globals = new URL("./globals.mjs", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === "@jest/globals" ? { url: globals, shortCircuit: true } : nextResolve(specifier, context),
});
