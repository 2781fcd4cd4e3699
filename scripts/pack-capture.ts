/**
 * Packs `assay/capture` for the services that call a model: plain JavaScript with its types, for Node 20 and later, without the packages that
 * only Assay itself needs. Writes `assay-VERSION.tgz` into the folder that is named, or the current one, and prints its path.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const destination = resolve(process.argv[2] ?? ".");
mkdirSync(join(root, ".build"), { recursive: true });
const folder = mkdtempSync(join(root, ".build", "capture-"));
try {
  const write = (name: string, content: object) => writeFileSync(join(folder, name), JSON.stringify(content, null, 2));
  const { version, description, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  write("tsconfig.json", {
    extends: "../../tsconfig.json",
    compilerOptions: {
      ...{ noEmit: false, declaration: true, rewriteRelativeImportExtensions: true, target: "es2022" },
      ...{ outDir: "capture", rootDir: "../../capture" },
    },
    include: ["../../capture"],
  });
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], { stdio: "inherit" });
  write("package.json", {
    ...{ name: "assay", version, description, license, type: "module" },
    exports: { "./capture": { types: "./capture/index.d.ts", default: "./capture/index.js" } },
    files: ["capture"],
    engines: { node: ">=20" },
    peerDependencies: { "@aws-sdk/client-s3": "^3.600.0", "@aws-sdk/client-sagemaker-runtime": "^3.600.0" },
  });
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", destination], { cwd: folder, encoding: "utf8" }),
  );
  process.stdout.write(`${join(destination, packed.filename)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
