/** What the API costs over HTTP, each against the least that answers the same request on the same machine. */
import { randomBytes } from "node:crypto";
import { type RunningCorral, startControlPlane, uploadForm } from "@corral/testkit";
import { type BareServer, startBareServer } from "./bare.ts";
import { load, type LoadAnswer, type LoadOrder } from "./load.ts";
import { atLeast, atMost, type Bench, type Row } from "./rows.ts";
import { median, medianRatio, ROUNDS, takeTurns } from "./rounds.ts";

const CONNECTIONS = 32;
const ROUND_MS = 700;
const SECRET = JSON.stringify({ name: "API_KEY", text: "v".repeat(64), type: "secret_text" });
const LARGE_BYTES = 3_000_000;
const MANY = 100;

export const api: Bench = {
  name: "api",
  async run(): Promise<readonly Row[]> {
    await using corral = await startControlPlane();
    await using bare = await startBareServer();
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => upload(corral, `put-${n}`)));
    return [...(await puts(corral, bare)), ...(await reads(corral, bare)), ...(await uploads(corral, bare))];
  },
};

async function puts(corral: RunningCorral, bare: BareServer): Promise<readonly Row[]> {
  const order = { method: "PUT", body: SECRET, connections: CONNECTIONS, milliseconds: ROUND_MS };
  const p99s: number[] = [];
  const results = await takeTurns({
    echo: async () => (await ask({ ...order, port: bare.port, host: "bare", path: "/echo", headers: JSON_BODY })).perSecond,
    put: async () => {
      const { perSecond, p99 } = await ask({ ...order, ...to(corral, "/workers/scripts/put-{n}/secrets", JSON_BODY) });
      p99s.push(p99);
      return perSecond;
    },
  });
  const row = { rounds: ROUNDS } as const;
  return [
    {
      ...row,
      name: "PUT secrets / node:http JSON echo",
      value: medianRatio(results.put, results.echo),
      unit: "x",
      goal: atLeast(0.25),
      note: `${CONNECTIONS} connections, each to its own Worker; authenticated, validated, sealed, durable; both servers alone in a process`,
    },
    { ...row, name: "PUT secrets, p99", value: median(p99s.slice(1)), unit: "ms", goal: atMost(8) },
    { ...row, name: "PUT secrets", value: median(results.put), unit: "1/s" },
  ];
}

async function reads(corral: RunningCorral, bare: BareServer): Promise<readonly Row[]> {
  await manySecretsAndVersions(corral);
  const rows: Row[] = [];
  for (const [name, path] of [
    ["GET secrets (100)", "/workers/scripts/many/secrets"],
    ["GET versions (100 versions of 100 bindings)", "/workers/scripts/many/versions?per_page=100"],
  ] as const) {
    const { text } = await corral.api("GET", path);
    await put(bare, "/bytes", text);
    const order = { connections: 8, milliseconds: ROUND_MS };
    const results = await takeTurns({
      bare: async () => (await ask({ ...order, port: bare.port, host: "bare", path: "/bytes" })).perSecond,
      corral: async () => (await ask({ ...order, ...to(corral, path) })).perSecond,
    });
    rows.push({
      name: `${name} / bare Hono handler`,
      value: medianRatio(results.corral, results.bare),
      unit: "x",
      rounds: ROUNDS,
      note: `the same ${text.length} bytes`,
    });
  }
  const order = { method: "PUT", body: SECRET, connections: 1, milliseconds: ROUND_MS };
  const results = await takeTurns({
    small: async () => (await ask({ ...order, ...to(corral, "/workers/scripts/put-0/secrets", JSON_BODY) })).p50,
    many: async () => (await ask({ ...order, ...to(corral, "/workers/scripts/many/secrets", JSON_BODY) })).p50,
  });
  rows.push({
    name: "PUT secrets at 100 secrets and 100 versions / at one secret",
    value: medianRatio(results.many, results.small),
    unit: "x",
    rounds: ROUNDS,
    note: "p50 of one client",
  });
  return rows;
}

async function uploads(corral: RunningCorral, bare: BareServer): Promise<readonly Row[]> {
  const code = `export default { fetch() { return new Response("${randomBytes(LARGE_BYTES / 2).toString("hex")}") } };`;
  const { body, headers } = uploadForm({ main_module: "index.js", compatibility_date: "2026-01-01" }, [
    { name: "index.js", content: code },
  ]);
  const order = { body, connections: 2, milliseconds: ROUND_MS };
  const results = await takeTurns({
    bare: async () =>
      (await ask({ ...order, method: "POST", port: bare.port, host: "bare", path: "/upload", headers })).perSecond,
    corral: async () => (await ask({ ...order, method: "PUT", ...to(corral, "/workers/scripts/large-{n}", headers) })).perSecond,
  });
  return [
    {
      name: "upload of 3 MB / bare Hono handler",
      value: medianRatio(results.corral, results.bare),
      unit: "x",
      rounds: ROUNDS,
      note: "the same code again and again, as a redeployment is; the bare handler reads the body and does nothing with it",
    },
  ];
}

const JSON_BODY = { "Content-Type": "application/json" };

async function ask(order: LoadOrder): Promise<LoadAnswer> {
  const answer = await load(order);
  if (answer.failed > 0) throw new Error(`${answer.failed} requests failed`);
  return answer;
}

function to(
  corral: RunningCorral,
  path: string,
  headers: LoadOrder["headers"] = {},
): Pick<LoadOrder, "port" | "host" | "path" | "headers"> {
  const { port, host, pathname } = new URL(corral.apiUrl);
  return {
    port: Number(port),
    host,
    path: `${pathname}/accounts/${corral.accountId}${path}`,
    headers: { Authorization: `Bearer ${corral.token}`, ...headers },
  };
}

export async function upload(corral: RunningCorral, worker: string): Promise<void> {
  const form = uploadForm({ main_module: "index.js", compatibility_date: "2026-01-01" }, [
    { name: "index.js", content: "export default { fetch() { return new Response() } };" },
  ]);
  await corral.must("PUT", `/workers/scripts/${worker}`, form.body, form.headers);
}

/** A Worker `many` with 100 secrets, and as many retained versions that each have them. */
async function manySecretsAndVersions(corral: RunningCorral): Promise<void> {
  await upload(corral, "many");
  const names = Array.from({ length: MANY }, (_, n) => `SECRET_${n}`);
  const secrets = Object.fromEntries(names.map((name) => [name, { name, text: "v".repeat(64), type: "secret_text" }]));
  await corral.must("PATCH", "/workers/scripts/many/secrets-bulk", { secrets });
  for (const name of names) {
    await corral.must("PUT", "/workers/scripts/many/secrets", { name, text: "w".repeat(64), type: "secret_text" });
  }
}

async function put(bare: BareServer, path: string, body: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${bare.port}${path}`, { method: "PUT", body });
  if (!answer.ok) throw new Error("the bare server refused");
}
