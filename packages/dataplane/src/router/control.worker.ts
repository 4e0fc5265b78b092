/** The agent's door, on a unix socket of its own; no Worker can reach it. */
import * as runtime from "cloudflare:workers";
import { WorkerEntrypoint } from "cloudflare:workers";
import { failureOf, forgetFailure, loadIsolate, PROBE_ENTRYPOINT, takeLoaded } from "./loading.worker.ts";
import type { EvictRequest, LogsAnswer, RoutesAck, RoutesPush, WarmAnswer, WarmRequest } from "./protocol.ts";
import { dispatched, events, type RouterEnv, table } from "./state.worker.ts";

const LIFELINE_BEAT_MS = 500;
const LOGS_WAIT_MS = 20_000;

const { promise: released, resolve: release } = Promise.withResolvers<void>();
const state = { isReleased: false };

/** There, and not yet in the published types. In a Worker that no loader made it ends the process. */
const { abortIsolate } = runtime as unknown as { abortIsolate: (reason: string) => never };

export class Control extends WorkerEntrypoint<RouterEnv> {
  override async fetch(request: Request): Promise<Response> {
    switch (new URL(request.url).pathname) {
      case "/routes":
        table.apply(await request.json<RoutesPush>());
        return acknowledge();
      case "/ping":
        return acknowledge();
      case "/warm":
        return Response.json(await this.#warm(await request.json<WarmRequest>()));
      case "/evict":
        await this.#evict(await request.json<EvictRequest>());
        return Response.json({});
      case "/logs":
        return Response.json(await this.#logs());
      case "/lifeline":
        return this.#lifeline();
      case "/release":
        state.isReleased = true;
        release();
        return Response.json({});
      default:
        return new Response(null, { status: 404 });
    }
  }

  async #warm({ isolate, code, route }: WarmRequest): Promise<WarmAnswer> {
    try {
      const probe = loadIsolate(this.env, this.ctx, isolate, code).getEntrypoint(PROBE_ENTRYPOINT) as unknown as ProbeStub;
      const found = await probe.describe();
      if (route !== undefined) table.place(route);
      return { ok: true, handlers: found.handlers, named: found.named };
    } catch (error) {
      const { kind, message } = failureOf(error);
      if (kind === "unavailable") return { ok: false, kind, message };
      // A later deployment of the same version may fare better: time and chance are inputs too.
      forgetFailure(isolate);
      return { ok: false, kind: "failed", message };
    }
  }

  async #evict({ isolates }: EvictRequest): Promise<void> {
    for (const isolate of isolates) {
      const probe = takeLoaded(this.env, isolate)?.getEntrypoint(PROBE_ENTRYPOINT) as unknown as ProbeStub | undefined;
      // The call that ends an isolate has no answer.
      await probe?.evict().catch(() => {});
    }
  }

  async #logs(): Promise<LogsAnswer> {
    await Promise.race([events.filled(), released, scheduler.wait(LOGS_WAIT_MS)]);
    return { ...events.take(), released: state.isReleased };
  }

  /** The reader's end reaches `cancel` at once; the beats are for a reader that vanished without one. */
  #lifeline(): Response {
    const stream = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await Promise.race([released, scheduler.wait(LIFELINE_BEAT_MS)]);
        if (state.isReleased) controller.close();
        else controller.enqueue(new Uint8Array(1));
      },
      cancel() {
        if (!state.isReleased) abortIsolate("The agent is gone.");
      },
    });
    return new Response(stream);
  }
}

function acknowledge(): Response {
  return Response.json({ revision: table.revision, served: dispatched.count } satisfies RoutesAck);
}

interface ProbeStub {
  describe(): Promise<{ handlers: string[]; named: { name: string; handlers: string[] }[] }>;
  evict(): Promise<void>;
}
