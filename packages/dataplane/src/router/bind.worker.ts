/**
 * A service binding: a loopback that looks the callee up at each call, so that it follows the callee's own split.
 * A stub of a loaded Worker cannot stand in another's env (dataplane.md 5).
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import { chooseIsolate } from "./choose.ts";
import { type BindProps, loadIsolate, PROBE_ENTRYPOINT } from "./loading.worker.ts";
import { nameDispatch, type RouterEnv, table } from "./state.worker.ts";

const NO_HEADERS = { get: () => null };

export class Bind extends WorkerEntrypoint<RouterEnv, BindProps> {
  constructor(ctx: ExecutionContext<BindProps>, env: RouterEnv) {
    super(ctx, env);
    // The runtime asks this object for the method that a caller names: names of the callee are passed on to it.
    return new Proxy(this, {
      get: (target, name, receiver) => {
        if (typeof name !== "string" || name in target || name === "then") return Reflect.get(target, name, receiver);
        return (...args: unknown[]) => {
          const stub = callee(env, ctx, NO_HEADERS) as unknown as Record<string, (...args: unknown[]) => unknown>;
          return stub[name]?.(...args);
        };
      },
    });
  }

  override fetch(request: Request): Promise<Response> {
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- tsc knows the types of Workers, the linter does not
    return callee(this.env, this.ctx, request.headers).fetch(request as never) as Promise<Response>;
  }
}

function callee(env: RouterEnv, ctx: ExecutionContext<BindProps>, headers: { get(name: string): string | null }): Fetcher {
  const { accountId, service, entrypoint } = ctx.props;
  if (entrypoint === PROBE_ENTRYPOINT) throw new Error(`Worker has no such entrypoint: ${entrypoint}`);
  const route = table.named(accountId, service);
  const chosen = route === undefined ? undefined : chooseIsolate(route, headers, Math.random);
  if (route === undefined || chosen === undefined) throw new Error("The Worker that this service binding names is not deployed.");
  if (route.held === true) throw new Error("The Worker that this service binding names is held.");
  nameDispatch(route.workerId);
  return loadIsolate(env, ctx, chosen.isolate).getEntrypoint(entrypoint ?? undefined);
}
