/**
 * The two modules that Corral puts before a version's own.
 *
 *   main ─┬─▶ boot      makes what env cannot carry: CryptoKeys, wasm and data parts, `caches.default`, globals
 *         └─▶ entry ──▶ boot      each ES module of the version imports boot, so that none runs before it is done
 *
 * No value is ever in this text: /bundle is readable by the Worker. Values reach boot through `env`.
 */
import type { Binding, Manifest } from "@corral/base";

export interface ShimNames {
  readonly main: string;
  readonly boot: string;
}

/** Names that no module of the version has. */
export function shimNames({ modules }: Manifest): ShimNames {
  const taken = new Set(modules.map(({ name }) => name));
  let prefix = "__corral_";
  while (taken.has(`${prefix}main.js`) || taken.has(`${prefix}boot.js`)) prefix = `_${prefix}`;
  return { main: `${prefix}main.js`, boot: `${prefix}boot.js` };
}

/** Appended, not put in front: positions in stack traces stay those of the source. */
export function importingBoot(boot: string, name: string, source: string): string {
  return `${source}\n;import ${JSON.stringify(`${pathToRoot(name)}${boot}`)};`;
}

function pathToRoot(name: string): string {
  const depth = name.split("/").filter((part) => part !== "" && part !== ".").length - 1;
  return depth > 0 ? "../".repeat(depth) : "./";
}

export function shimModules(manifest: Manifest, { main, boot }: ShimNames): Readonly<Record<string, string>> {
  return { [main]: mainSource(manifest, boot), [boot]: bootSource(manifest) };
}

function mainSource({ syntax, mainModule, modules }: Manifest, boot: string): string {
  const entry = JSON.stringify(`./${mainModule}`);
  if (modules.length === 0) return `${PROBE}const worker = {}; const listening = new Set(); export default {};`;
  if (syntax === "service-worker") {
    return `${PROBE}import { listening } from "./${boot}"; const worker = {}; await import(${entry});`;
  }
  return [
    PROBE,
    `import "./${boot}"; import * as worker from ${entry}; export * from ${entry};`,
    "const listening = new Set();",
    // Named entrypoints alone make a Worker too; workerd wants a default all the same.
    "export default worker.default ?? {};",
  ].join("\n");
}

/** Answers the router's questions about the isolate, and ends it. */
const PROBE = `import { WorkerEntrypoint, abortIsolate } from "cloudflare:workers";
const EVENTS = new Set(["fetch", "connect", "scheduled", "queue", "email", "tail", "tailStream", "trace", "test", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"]);
const methodsOf = (made) => {
  if (made === null || (typeof made !== "object" && typeof made !== "function")) return [];
  const holder = typeof made === "function" ? made.prototype : made;
  return Object.getOwnPropertyNames(holder ?? {}).filter((name) => name !== "constructor" && typeof holder[name] === "function");
};
const eventsOf = (made) => methodsOf(made).filter((name) => EVENTS.has(name));
const handlersOf = (made) => [...(typeof made === "function" ? ["class"] : []), ...eventsOf(made)];
export class __corral extends WorkerEntrypoint {
  describe() {
    const named = Object.keys(worker).filter((name) => name !== "default");
    const isEntrypoint = (made) => typeof made === "function" ? /^class\\b/.test(Function.prototype.toString.call(made)) : methodsOf(made).length > 0;
    return {
      handlers: [...eventsOf(worker.default), ...listening],
      named: named.filter((name) => isEntrypoint(worker[name])).map((name) => ({ name, handlers: handlersOf(worker[name]) })),
    };
  }
  evict() { abortIsolate("This version is no longer deployed."); }
}
`;

function bootSource(manifest: Manifest): string {
  const parts = manifest.bindings.flatMap(bindingSource);
  const globals = manifest.syntax === "service-worker";
  const needsEnv = parts.length > 0 && manifest.compatibilityFlags.includes("disallow_importable_env") && !globals;
  return [
    `import { env } from "cloudflare:workers";`,
    ...manifest.bindings.flatMap(importSource),
    needsEnv
      ? `throw new Error("The flag disallow_importable_env cannot be combined with key, part or placeholder bindings.");`
      : "",
    NO_CACHE,
    ...parts,
    "export const listening = new Set();",
    globals ? AS_GLOBALS : "",
  ].join("\n");
}

/** There, and never hits; what is put is let go. */
const NO_CACHE = `if (typeof caches === "object") {
  const cache = Object.create(Cache.prototype, Object.getOwnPropertyDescriptors({
    async match() { return undefined; },
    async put(request, response) {
      if (new Request(request).method !== "GET") throw new TypeError("Cannot cache response to non-GET request.");
      await response.body?.cancel();
    },
    async delete() { return false; },
  }));
  Object.defineProperties(caches, { default: { value: cache }, open: { value: async () => cache } });
}`;

const AS_GLOBALS = `for (const [key, value] of Object.entries(env)) {
  Object.defineProperty(globalThis, key, { value, writable: true, enumerable: true, configurable: true });
}
const { addEventListener } = globalThis;
globalThis.addEventListener = function (type, ...rest) {
  listening.add(String(type));
  return addEventListener.call(this ?? globalThis, type, ...rest);
};`;

function importSource(binding: Binding, index: number): string[] {
  if (binding.type !== "wasm_module" && binding.type !== "text_blob" && binding.type !== "data_blob") return [];
  return [`import part${index} from ${JSON.stringify(`./${binding.part}`)};`];
}

function bindingSource(binding: Binding, index: number): string[] {
  const place = `env[${JSON.stringify(binding.name)}]`;
  switch (binding.type) {
    case "wasm_module":
    case "text_blob":
    case "data_blob":
      return [`${place} = part${index};`];
    case "secret_key":
      return [keySource(binding, place)];
    case "placeholder":
      return [placeholderSource(binding, place)];
    default:
      return [];
  }
}

function keySource(binding: Extract<Binding, { type: "secret_key" }>, place: string): string {
  const format = JSON.stringify(binding.format);
  const material = binding.format === "jwk" ? `JSON.parse(new TextDecoder().decode(${place}))` : place;
  const fromProcess = `globalThis.process?.env?.[${JSON.stringify(binding.name)}]`;
  return `{
  const material = ${place};
  ${place} = await crypto.subtle.importKey(${format}, ${material}, ${binding.algorithm}, false, ${JSON.stringify(binding.usages)});
  new Uint8Array(material).fill(0);
  if (${fromProcess} !== undefined) delete process.env[${JSON.stringify(binding.name)}];
}`;
}

function placeholderSource(binding: Extract<Binding, { type: "placeholder" }>, place: string): string {
  const text = `The binding ${binding.name} has the type ${binding.declaredType}, which Corral does not run.`;
  return `{
  const refuse = () => { throw new Error(${JSON.stringify(text)}); };
  const get = (_, key) => (typeof key === "symbol" || key === "then" || key === "toJSON" ? undefined : refuse);
  ${place} = new Proxy(refuse, { get, set: refuse, construct: refuse });
}`;
}
