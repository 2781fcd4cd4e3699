import { createHash } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";

/** Jest transform: Node's own type stripping, which keeps line and column numbers. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
  getCacheKey: (source, path) => createHash("sha256").update(process.version).update(path).update(source).digest("hex"),
};
