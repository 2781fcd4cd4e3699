import type { Plugin } from "esbuild";
import type { Assay } from "../shared/config/assay.ts";

/**
 * Puts the plug-ins of assay.yml into the bundles of the functions that score, in place of functions/plugIns.ts, which has none.
 * @param folder where assay.yml lies: their modules are found from there
 */
export function plugInsOf(assay: Assay, folder: string): Plugin {
  const modules = plugInModules(assay);
  const imports = modules.map((module, n) => `import plugIn${n} from ${JSON.stringify(module)};`);
  const entries = modules.map((module, n) => `${JSON.stringify(module)}: plugIn${n}`);
  const contents = [...imports, `export const plugIns = { ${entries.join(", ")} };`].join("\n");
  return {
    name: "assay-plug-ins",
    setup: ({ onLoad }) =>
      onLoad({ filter: /[\\/]functions[\\/]plugIns\.ts$/ }, () => ({ contents, loader: "ts", resolveDir: folder })),
  };
}

/** The modules that assay.yml names, in an order of their own. */
export function plugInModules(assay: Assay): string[] {
  const settings = [assay.defaults, ...Object.values(assay.endpoints)];
  return [...new Set(settings.flatMap(({ scorers }) => Object.values(scorers.plugIns)))].sort();
}
