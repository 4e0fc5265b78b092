/** Every way by which a value can come in, well formed and broken; each with canaries of its own. */
import {
  type Canary,
  makeCanaries,
  makeCanary,
  Project,
  type Ran,
  type RunningCorral,
  uploadForm,
  wrangler,
} from "@corral/testkit";
import { probe } from "./probe.ts";

export interface Doors {
  readonly canaries: Canary[];
  /** What stock clients printed. */
  readonly printed: string[];
  /** One line for each door that did not take what it must take, or took what it must not; no values. */
  readonly faults: string[];
}

const script = (worker: string): string => `/workers/scripts/${worker}`;
const MODULE = { main_module: "index.js", compatibility_date: "2026-11-01" };
const SECRET = "secret_text";

function textBindings(canaries: readonly Canary[]): object[] {
  return canaries.map(({ name, value }) => ({ type: SECRET, name, text: value }));
}

function envOf(canaries: readonly Canary[]): Record<string, object> {
  return Object.fromEntries(canaries.map(({ name, value }) => [name, { type: SECRET, name, text: value }]));
}

function asJson(canaries: readonly Canary[]): string {
  return JSON.stringify(Object.fromEntries(canaries.map(({ name, value }) => [name, value])));
}

function raw(text: string): Uint8Array {
  return Buffer.from(text);
}

function upload(metadata: object): ReturnType<typeof uploadForm> {
  return uploadForm({ ...MODULE, ...metadata }, [{ name: "index.js", content: probe("doors") }]);
}

/** Through the HTTP API, as clients mean it. */
export async function openApiDoors(corral: RunningCorral, worker: string): Promise<Doors> {
  const doors: Doors = { canaries: [], printed: [], faults: [] };
  const fresh = (prefix: string): Canary[] => {
    const made = makeCanaries(prefix);
    doors.canaries.push(...made);
    return made;
  };
  const take = async (what: string, ...call: Parameters<RunningCorral["api"]>): Promise<void> => {
    const { status } = await corral.api(...call);
    if (status !== 200) doors.faults.push(`${what} answered ${status}`);
  };
  const put = upload({ bindings: textBindings(fresh("UPLOAD")) });
  await take("PUT S", "PUT", script(worker), put.body, put.headers);
  for (const { name, value } of fresh("PUT")) {
    await take("PUT secrets", "PUT", `${script(worker)}/secrets`, { name, text: value, type: SECRET });
  }
  await take("secrets-bulk", "PATCH", `${script(worker)}/secrets-bulk`, { secrets: envOf(fresh("BULK")) });
  const key = makeCanary("KEY_RAW");
  const jwk = makeCanary("KEY_JWK");
  doors.canaries.push(key, jwk);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const base64 = Buffer.from(key.value).toString("base64");
  const keyJwk = { kty: "oct", k: Buffer.from(jwk.value).toString("base64url"), alg: "HS256", key_ops: ["sign"] };
  const keys = upload({
    bindings: [
      { type: "secret_key", name: key.name, format: "raw", algorithm, usages: ["sign"], key_base64: base64 },
      { type: "secret_key", name: jwk.name, format: "jwk", algorithm, usages: ["sign"], key_jwk: keyJwk },
    ],
  });
  await take("PUT S with keys", "PUT", script(worker), keys.body, keys.headers);
  const settings = new FormData();
  const kept = (await corral.must<{ bindings: { name: string; type: string }[] }>("GET", `${script(worker)}/settings`)).bindings;
  settings.set("settings", JSON.stringify({ bindings: [...kept, ...textBindings(fresh("SETTINGS"))] }));
  const request = new Request("http://localhost", { method: "POST", body: settings });
  const body = new Uint8Array(await request.arrayBuffer());
  await take("PATCH settings", "PATCH", `${script(worker)}/settings`, body, {
    "content-type": request.headers.get("content-type") ?? "",
  });
  await take("versions/latest", "PATCH", `/workers/workers/${worker}/versions/latest`, { env: envOf(fresh("LATEST")) });
  const version = upload({ bindings: textBindings(fresh("VERSION")) });
  await take("POST versions", "POST", `${script(worker)}/versions`, version.body, version.headers);
  await take("POST W/versions", "POST", `/workers/workers/${worker}/versions`, {
    ...MODULE,
    modules: [{ name: "index.js", content_type: "application/javascript+module", content_base64: btoa(probe("doors")) }],
    bindings: textBindings(fresh("BETA")),
  });
  return doors;
}

/** Through stock wrangler. */
export async function openWranglerDoors(corral: RunningCorral, worker: string): Promise<Doors> {
  const doors: Doors = { canaries: [], printed: [], faults: [] };
  using project = new Project({ name: worker, code: probe("doors") });
  const fresh = (prefix: string): Canary[] => {
    const made = makeCanaries(prefix);
    doors.canaries.push(...made);
    return made;
  };
  const stock = async (args: readonly string[], input?: string): Promise<Ran> => {
    const ran = await wrangler(args, { corral, cwd: project.path, ...(input === undefined ? {} : { input }) });
    doors.printed.push(ran.stdout, ran.stderr);
    if (ran.code !== 0) doors.faults.push(`wrangler ${args.slice(0, 3).join(" ")} ended with ${ran.code}`);
    return ran;
  };
  project.write("deploy.json", asJson(fresh("SECRETS_FILE")));
  await stock(["deploy", "--secrets-file", "deploy.json"]);
  const [plain] = fresh("STDIN");
  await stock(["secret", "put", plain?.name ?? ""], plain?.value);
  project.write("bulk.json", asJson(fresh("BULK_FILE")));
  await stock(["secret", "bulk", "bulk.json"]);
  await stock(["secret", "bulk"], asJson(fresh("BULK_STDIN")));
  const [next] = fresh("VERSION_STDIN");
  await stock(["versions", "secret", "put", next?.name ?? ""], next?.value);
  project.write("versions.json", asJson(fresh("VERSION_BULK")));
  await stock(["versions", "secret", "bulk", "versions.json"]);
  return doors;
}

/** Mistakes with a canary beside them: each must be refused, by a 4xx, without a word of it. */
export async function openBrokenDoors(corral: RunningCorral, worker: string): Promise<Doors> {
  const canary = makeCanary("BROKEN");
  const { value } = canary;
  const doors: Doors = { canaries: [canary], printed: [], faults: [] };
  const json = { "content-type": "application/json" };
  const secrets = `${script(worker)}/secrets`;
  const broken: readonly (readonly [string, ...Parameters<RunningCorral["api"]>])[] = [
    ["bare value as JSON", "PUT", secrets, raw(value), json],
    ["unquoted value", "PUT", secrets, raw(`{"name":"A","type":"secret_text","text":${value}}`), json],
    ["unfinished JSON", "PUT", secrets, raw(`{"name":"A","type":"secret_text","text":"${value}`), json],
    [".env as JSON", "PUT", secrets, raw(`A=${value}`), json],
    ["text that is no string", "PUT", secrets, { name: "A", type: SECRET, text: { [value]: value } }],
    ["unknown type", "PUT", secrets, { name: "A", type: value, text: value }],
    ["value as type and name", "PUT", secrets, { name: `${value}\u0000`, type: SECRET, text: value }],
    ["long name", "PUT", secrets, { name: value.repeat(10), type: SECRET, text: value }],
    ["duplicate keys", "PUT", secrets, raw(`{"name":"A","type":"secret_text","text":"${value}","text":"${value}"}`), json],
    ["__proto__", "PUT", secrets, raw(`{"name":"A","type":"secret_text","text":"x","__proto__":{"v":"${value}"}}`), json],
    ["an array", "PUT", secrets, [value]],
    ["too large", "PUT", secrets, { name: "A", type: SECRET, text: value.repeat(3000) }],
    ["a refused name", "GET", `${secrets}/${value}%00`],
    ["a refused name's deletion", "DELETE", `${secrets}/${value}%00?token=${value}`],
    ["an unknown Worker", "GET", `${script(value.toLowerCase().replaceAll(/[^a-z0-9]/g, "x"))}/secrets`],
    ["an unknown path", "GET", `/workers/${value}/${value}`],
    [
      "a bulk with a number",
      "PATCH",
      `${script(worker)}/secrets-bulk`,
      { secrets: { A: { type: SECRET, text: 7 }, [value]: value } },
    ],
    ["an unknown version", "GET", `${script(worker)}/versions/${value}`],
    [
      "shares of an unknown version",
      "POST",
      `${script(worker)}/deployments`,
      { strategy: value, versions: [{ version_id: value, percentage: 100 }] },
    ],
    ["multipart without a boundary", "PUT", script(worker), raw(value), { "content-type": "multipart/form-data" }],
    [
      "broken multipart",
      "PUT",
      script(worker),
      raw(`--x\r\nContent-Disposition: form-data; name="${value}"\r\n\r\n${value}`),
      { "content-type": "multipart/form-data; boundary=x" },
    ],
    ["metadata that is no JSON", "PUT", script(worker), ...formOf(`{"main_module": ${value}}`)],
    [
      "an unknown binding type",
      "PUT",
      script(worker),
      ...formOf(JSON.stringify({ ...MODULE, bindings: [{ type: value, name: "A", text: value }] })),
    ],
    [
      "two bindings of one name",
      "PUT",
      script(worker),
      ...formOf(JSON.stringify({ ...MODULE, bindings: textBindings([canary, canary]) })),
    ],
    ["a wrong token", "GET", secrets, undefined, { authorization: `Bearer ${value}` }],
    ["a malformed Authorization", "GET", secrets, undefined, { authorization: value }],
  ];
  for (const [what, ...call] of broken) {
    const answer = await corral.api(...call);
    if (answer.status < 400 || answer.status > 499 || answer.body?.success !== false)
      doors.faults.push(`${what} answered ${answer.status}`);
  }
  return doors;
}

function formOf(metadata: string): [Uint8Array, Record<string, string>] {
  const module = `Content-Disposition: form-data; name="index.js"; filename="index.js"\r\nContent-Type: application/javascript+module\r\n\r\n${probe("doors")}`;
  const text = `--corral\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n${metadata}\r\n--corral\r\n${module}\r\n--corral--\r\n`;
  return [Buffer.from(text), { "content-type": "multipart/form-data; boundary=corral" }];
}
