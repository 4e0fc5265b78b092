/**
 * Isolates by id. workerd keeps a failed load under its id for ever, so the loader's name is the id and a generation
 * that grows when a load fails (dataplane.md 1).
 */
import type { LoadAnswer, LoadModule, ServiceTarget, TailProps } from "./protocol.ts";
import type { RouterEnv } from "./state.worker.ts";

const generations = new Map<string, number>();

/** Of the shim that stands before every version (loader/shim.ts); for the agent only. */
export const PROBE_ENTRYPOINT = "__corral";

/** What this process has loaded and not evicted. */
const loadedNames = new Map<string, string>();

/** The props of `Bind`. */
export type BindProps = ServiceTarget;

interface Loopbacks {
  Tail(options: { props: TailProps }): Fetcher;
  Bind(options: { props: BindProps }): Fetcher;
}

/** The next load of this id begins anew. */
export function forgetFailure(isolate: string): void {
  generations.set(isolate, (generations.get(isolate) ?? 0) + 1);
}

/** `given`: its code, where the agent sent it along. */
export function loadIsolate(env: RouterEnv, ctx: ExecutionContext, isolate: string, given?: LoadAnswer): WorkerStub {
  const generation = generations.get(isolate) ?? 0;
  const name = generation === 0 ? isolate : `${isolate}~${generation}`;
  return env.LOADER.get(name, async () => {
    let loaded = false;
    try {
      // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- tsc knows the types of Workers, the linter does not
      const code = codeOf(given ?? (await pullCode(env, isolate)), ctx.exports as unknown as Loopbacks);
      loaded = true;
      loadedNames.set(isolate, name);
      return code;
    } finally {
      if (!loaded && (generations.get(isolate) ?? 0) === generation) generations.set(isolate, generation + 1);
    }
  });
}

// oxlint-disable typescript/no-redundant-type-constituents -- tsc knows the types of Workers, the linter does not
/** undefined: there is nothing of it in this process. */
export function takeLoaded(env: RouterEnv, isolate: string): WorkerStub | undefined {
  const name = loadedNames.get(isolate);
  if (name === undefined) return undefined;
  loadedNames.delete(isolate);
  return env.LOADER.get(name, () => {
    throw new Error("internal: an isolate that was loaded is gone");
  });
}

/** Marks a load that failed on our side, so that it is told from a Worker that does not start. */
const UNAVAILABLE = "corral: code unavailable";

/** Reads what a load or a call failed with; `message` is the Worker's own unless "unavailable". */
export function failureOf(error: unknown): { kind: "threw" | "not-started" | "unavailable"; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith(UNAVAILABLE)) return { kind: "unavailable", message: "its code could not be had" };
  return { kind: NOT_STARTED.test(message) ? "not-started" : "threw", message };
}

/** workerd's words for what is wrong before a Worker's first line runs. */
const NOT_STARTED = /^(?:Failed to start Worker:|No such compatibility flag|This Worker requires compatibility date)/;

async function pullCode(env: RouterEnv, isolate: string): Promise<LoadAnswer> {
  try {
    const response = await env.AGENT.fetch(`http://agent/code/${isolate}`);
    if (!response.ok) throw new Error(UNAVAILABLE);
    return await response.json();
  } catch {
    throw new Error(UNAVAILABLE);
  }
}

function codeOf(answer: LoadAnswer, exports: Loopbacks): WorkerLoaderWorkerCode {
  const { workerId, versionId } = answer;
  const bindings: [string, unknown][] = [
    ...Object.entries(answer.env),
    ...Object.entries(answer.keys).map(([name, bytes]): [string, unknown] => [name, fromBase64(bytes).buffer]),
    ...Object.entries(answer.services).map(([name, props]): [string, unknown] => [name, exports.Bind({ props })]),
  ];
  return {
    compatibilityDate: answer.compatibilityDate,
    compatibilityFlags: [...answer.compatibilityFlags],
    mainModule: answer.mainModule,
    modules: Object.fromEntries(Object.entries(answer.modules).map(([name, module]) => [name, moduleOf(module)])),
    env: Object.fromEntries(bindings),
    tails: answer.logs ? [exports.Tail({ props: { workerId, versionId } })] : [],
  };
}

function moduleOf(module: LoadModule): WorkerLoaderModule {
  if ("data" in module) return { data: fromBase64(module.data).buffer };
  if ("wasm" in module) return { wasm: fromBase64(module.wasm).buffer };
  if ("json" in module) return { json: JSON.parse(module.json) };
  return module;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
