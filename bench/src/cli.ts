/**
 * What a call of the command line costs: wall time and peak memory of the published bundle, stock wrangler and a Node
 * that does nothing, in turn, against the same Corral. `corral` does not wait for the nodes here, as wrangler cannot.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root, type RunningCorral, startCorral, temporaryDirectory, uploadForm } from "@corral/testkit";
import { atLeast, atMost, type Bench, type Row } from "./rows.ts";
import { median, medianRatio, ROUNDS, takeTurns } from "./rounds.ts";

/** The memory is measured apart: the hook that reads it would count in the time. */
const MEMORY_ROUNDS = 3;
const SECRETS = 100;

interface Job {
  readonly name: string;
  readonly corral: readonly string[];
  readonly wrangler: readonly string[];
  readonly input?: string;
}

const jobs: readonly Job[] = [
  { name: "secret list", corral: ["secret", "list"], wrangler: ["secret", "list"] },
  { name: "secret put", corral: ["secret", "put", "KEY", "--no-wait"], wrangler: ["secret", "put", "KEY"], input: "value.txt" },
  {
    name: `secret bulk of ${SECRETS}`,
    corral: ["secret", "bulk", "secrets.json", "--no-wait"],
    wrangler: ["secret", "bulk", "secrets.json"],
  },
];

export const cli: Bench = {
  name: "cli",
  async run(): Promise<readonly Row[]> {
    await using corral = await startCorral();
    const form = uploadForm({ main_module: "w.js", compatibility_date: "2026-01-01" }, [
      { name: "w.js", content: "export default { fetch: () => new Response() };" },
    ]);
    await corral.must("PUT", "/workers/scripts/bench-cli", form.body, form.headers);
    const bench = new Programs(corral);
    try {
      const rows: Row[] = [];
      for (const job of jobs) rows.push(...(await measure(job, bench)));
      return rows;
    } finally {
      bench.remove();
    }
  },
};

async function measure(job: Job, programs: Programs): Promise<Row[]> {
  const nothing = [process.execPath, "-e", "0"];
  const own = programs.corral(job.corral);
  const stock = programs.wrangler(job.wrangler);
  const wall = await takeTurns({
    nothing: () => programs.wall(nothing),
    own: () => programs.wall(own, job.input),
    stock: () => programs.wall(stock, job.input),
  });
  const memory = await takeTurns(
    {
      nothing: () => programs.memory(nothing),
      own: () => programs.memory(own, job.input),
      stock: () => programs.memory(stock, job.input),
    },
    MEMORY_ROUNDS,
  );
  const ms = (values: readonly number[]) => `${median(values).toFixed(0)} ms`;
  const mib = (values: readonly number[]) => `${(median(values) / 1024).toFixed(0)} MiB`;
  const note = `node ${ms(wall.nothing)}, corral ${ms(wall.own)}, wrangler ${ms(wall.stock)}; ${mib(memory.nothing)}, ${mib(memory.own)}, ${mib(memory.stock)}`;
  const row = { unit: "x", rounds: ROUNDS } as const;
  return [
    { ...row, name: `${job.name}: wall, wrangler / corral`, value: medianRatio(wall.stock, wall.own), goal: atLeast(20), note },
    { ...row, name: `${job.name}: wall, corral / node -e 0`, value: medianRatio(wall.own, wall.nothing), goal: atMost(1.75) },
    {
      ...row,
      name: `${job.name}: peak memory, corral / node -e 0`,
      value: medianRatio(memory.own, memory.nothing),
      goal: atMost(1.2),
      rounds: MEMORY_ROUNDS,
    },
    {
      ...row,
      name: `${job.name}: peak memory, wrangler / corral`,
      value: medianRatio(memory.stock, memory.own),
      rounds: MEMORY_ROUNDS,
    },
  ];
}

/** Runs programs one at a time in a folder of their own; both clients get the same environment. */
class Programs {
  readonly #folder = temporaryDirectory("bench-cli");
  readonly #env: Readonly<Record<string, string>>;
  readonly #bundle = join(this.#folder, "bundle");
  readonly #memory = join(this.#folder, "memory");
  readonly #corral: RunningCorral;

  constructor(corral: RunningCorral) {
    this.#corral = corral;
    execFileSync(process.execPath, [join(root, "tools", "bundle-cli.ts"), this.#bundle], { stdio: "pipe" });
    const secrets = Object.fromEntries(Array.from({ length: SECRETS }, (_, index) => [`KEY_${index}`, `value-of-${index}`]));
    writeFileSync(join(this.#folder, "secrets.json"), JSON.stringify(secrets));
    writeFileSync(join(this.#folder, "value.txt"), "a-value-to-put\n");
    writeFileSync(join(this.#folder, "peak.cjs"), PEAK_HOOK);
    this.#env = {
      PATH: process.env["PATH"] ?? "",
      HOME: this.#folder,
      XDG_CONFIG_HOME: this.#folder,
      TMPDIR: this.#folder,
      WRANGLER_LOG_PATH: join(this.#folder, "logs"),
      CLOUDFLARE_API_BASE_URL: corral.apiUrl,
      CLOUDFLARE_API_TOKEN: corral.token,
      CLOUDFLARE_ACCOUNT_ID: corral.accountId,
      CI: "1",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
      WRANGLER_HIDE_BANNER: "true",
    };
  }

  corral(words: readonly string[]): string[] {
    return [process.execPath, join(this.#bundle, "bin", "corral.cjs"), ...words, "--name", "bench-cli"];
  }

  wrangler(words: readonly string[]): string[] {
    const script = createRequire(join(root, "package.json")).resolve("wrangler/package.json");
    return [process.execPath, join(script, "..", "bin", "wrangler.js"), ...words, "--name", "bench-cli"];
  }

  /** Milliseconds from start to end, once the nodes are done with what the call before changed. */
  async wall(command: readonly string[], input?: string): Promise<number> {
    await this.#settle();
    const start = performance.now();
    this.#run(command, input, this.#env);
    return performance.now() - start;
  }

  /** KiB of the largest process it consisted of. */
  memory(command: readonly string[], input?: string): number {
    rmSync(this.#memory, { recursive: true, force: true });
    mkdirSync(this.#memory);
    const hook = `--require=${join(this.#folder, "peak.cjs")}`;
    this.#run(command, input, { ...this.#env, NODE_OPTIONS: hook, PEAK_FOLDER: this.#memory });
    return Math.max(...readdirSync(this.#memory).map((name) => Number(readFileSync(join(this.#memory, name), "utf8"))));
  }

  async #settle(): Promise<void> {
    const url = new URL("/corral/v1/workers/bench-cli/state?wait_epoch=latest&timeout_ms=10000", this.#corral.apiUrl);
    const headers = { authorization: `Bearer ${this.#corral.token}` };
    const { status, text } = await this.#corral.send(url.href, { method: "GET", headers, agent: new Agent() });
    if (status !== 200) throw new Error(`the state of the Worker cannot be had: ${text}`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run([command = "", ...args]: readonly string[], input: string | undefined, env: Readonly<Record<string, string>>): void {
    const stdin = openSync(input === undefined ? "/dev/null" : join(this.#folder, input), "r");
    try {
      const ended = spawnSync(command, args, { cwd: this.#folder, env, stdio: [stdin, "ignore", "pipe"] });
      if (ended.error !== undefined) throw ended.error;
      if (ended.status !== 0) throw new Error(`${args.join(" ")} ended with ${ended.status}: ${ended.stderr.toString()}`);
    } finally {
      closeSync(stdin);
    }
  }
}

/**
 * Each process that ends writes its peak; a process that starts another gives it the same environment. VmHWM is the
 * program's own: maxRSS, all that other systems have, also counts the parent's pages from before the exec.
 */
const PEAK_HOOK = `process.on("exit", () => {
  const fs = require("node:fs");
  let peak = process.resourceUsage().maxRSS;
  try {
    peak = Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(fs.readFileSync("/proc/self/status", "utf8"))[1]);
  } catch {}
  fs.writeFileSync(process.env.PEAK_FOLDER + "/" + process.pid, String(peak));
});
`;
