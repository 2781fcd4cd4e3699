/**
 * Adds to package-lock.json the optional packages of other platforms that npm leaves out where the registry hides them:
 * without them `npm ci` refuses the lockfile. Versions are exact in the parent's optionalDependencies; npm adds the integrity
 * hashes wherever the whole registry is seen. Run by `npm run lock` after every change of dependencies.
 */
import { readFileSync, writeFileSync } from "node:fs";

type Locked = {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8")) as { packages: Record<string, Locked> };
const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** Whether npm would find the package from a folder: there or in any node_modules above it. */
function resolves(from: string, name: string): boolean {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    if (`${at === "" ? "" : `${at}/`}node_modules/${name}` in lock.packages) return true;
    if (at === "") return false;
  }
}

let added = 0;
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (!/^\d+\.\d+\.\d+/.test(version) || resolves(path, name)) continue;
    const words = name.split("/").at(-1)!.split(/[-.]/);
    const os = systems.filter((system) => words.includes(system));
    const cpu = processors.filter((processor) => words.includes(processor));
    const libc = words.some((word) => word.startsWith("musl"))
      ? ["musl"]
      : os.includes("linux") && words.some((w) => w.startsWith("gnu"))
        ? ["glibc"]
        : [];
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(dev ? { dev } : {}),
      optional: true,
      ...(os.length > 0 ? { os } : {}),
      ...(cpu.length > 0 ? { cpu } : {}),
      ...(libc.length > 0 ? { libc } : {}),
    };
    added++;
  }
}
const { "": root, ...packages } = lock.packages;
lock.packages = { "": root!, ...Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))) };
// Where packages were fetched from is the business of whoever installs.
for (const entry of Object.values(lock.packages)) delete (entry as { resolved?: string }).resolved;
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`package-lock.json: ${added} packages of other platforms added\n`);
