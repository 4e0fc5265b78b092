/**
 * The router: the one Worker that a process starts with. It does the least that a hop can do: no URL is parsed, no
 * Request and no Response is made, the shares are prepared (dataplane.md 2).
 */
import { chooseIsolate } from "./choose.ts";
import { hostName, looksLikePreview } from "./host.ts";
import { failureOf, loadIsolate } from "./loading.worker.ts";
import { page } from "./pages.ts";
import { resolvePreview } from "./previews.worker.ts";
import type { RoutedIsolate } from "./protocol.ts";
import { dispatched, events, nameDispatch, type RouterEnv, table } from "./state.worker.ts";

export { Bind } from "./bind.worker.ts";
export { Control } from "./control.worker.ts";
export { Tail } from "./tail.worker.ts";

const READY_POLL_MS = 5;
const READY_WAIT_MS = 10_000;

export default {
  fetch(request, env, ctx) {
    // A new process listens before its table has come.
    if (table.revision === 0) return whenReady(request, env, ctx);
    return route(request, env, ctx);
  },
} satisfies ExportedHandler<RouterEnv>;

function route(request: Request, env: RouterEnv, ctx: ExecutionContext): Response | Promise<Response> {
  const host = hostName(request.headers.get("host"));
  const found = table.atHost(host);
  if (found === undefined) return looksLikePreview(host) ? preview(host, request, env, ctx) : page("unknown-host");
  if (found.held === true) return page("held");
  const chosen = chooseIsolate(found, request.headers, Math.random);
  return chosen === undefined ? page("nothing-deployed") : dispatch(found.workerId, chosen, request, env, ctx);
}

function dispatch(
  workerId: string,
  { isolate, versionId }: RoutedIsolate,
  request: Request,
  env: RouterEnv,
  ctx: ExecutionContext,
): Promise<Response> {
  nameDispatch(workerId);
  dispatched.count += 1;
  return loadIsolate(env, ctx, isolate)
    .getEntrypoint()
    .fetch(request)
    .catch((error: unknown) => failed(workerId, versionId, error));
}

function failed(workerId: string, versionId: string, error: unknown): Response {
  const requestId = crypto.randomUUID();
  const { kind, message } = failureOf(error);
  // What a running Worker threw is in its tail event, with its stack; a failed start has none.
  const text = kind === "threw" ? `request ${requestId} was answered with an error page` : `request ${requestId}: ${message}`;
  events.put({ workerId, versionId, lines: [{ at: Date.now(), level: "error", parts: [text] }] });
  return page(kind, requestId);
}

async function preview(host: string, request: Request, env: RouterEnv, ctx: ExecutionContext): Promise<Response> {
  const found = await resolvePreview(env, host);
  return found === undefined ? page("unknown-host") : dispatch(found.workerId, found, request, env, ctx);
}

async function whenReady(request: Request, env: RouterEnv, ctx: ExecutionContext): Promise<Response> {
  for (let waited = 0; table.revision === 0; waited += READY_POLL_MS) {
    if (waited > READY_WAIT_MS) return page("unavailable");
    await scheduler.wait(READY_POLL_MS);
  }
  return route(request, env, ctx);
}
