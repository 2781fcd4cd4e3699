/** What of dynalite is called in process: its store, its checks of requests, and its operations, by their names in lower camel case. */
declare module "dynalite/db/index.js" {
  export type Store = object;
  const db: { create(options: { createTableMs: number; deleteTableMs: number; updateTableMs: number }): Store };
  export default db;
}
declare module "dynalite/validations/index.js" {
  import type { Store } from "dynalite/db/index.js";

  const validations: {
    /** Takes members apart: to be given a copy. @throws with `statusCode` and `body` */
    checkTypes(input: object, types: object): object;
    checkValidations(input: object, types: object, custom: unknown, store: Store): void;
  };
  export default validations;
}
