/** What an isolate is made of, made when somebody is about to load it and kept nowhere. */
import { type Clock, timestamp } from "@corral/base";
import { loadAnswerFor } from "../loader/load-answer.ts";
import type { ModuleStore } from "../loader/modules.ts";
import type { LoadAnswer } from "../router/protocol.ts";
import type { Isolates } from "./isolates.ts";

/** Resolves undefined for an isolate that nobody wants. Rejects when its modules cannot be had or a record not opened. */
export type IsolateCode = (isolate: string) => Promise<LoadAnswer | undefined>;

export function createIsolateCode(isolates: Isolates, modules: ModuleStore, clock: Clock): IsolateCode {
  return async (isolate) => {
    const entry = isolates.find(isolate);
    if (entry === undefined) return undefined;
    await modules.hold(entry.version.manifest);
    const today = timestamp(clock.now()).slice(0, 10);
    return loadAnswerFor(entry.version, (sha256) => modules.get(sha256), { logs: entry.logs, today });
  };
}
