/**
 * Processes without traffic in which a version is loaded for the first time: it may fail, hang or grow there. One is
 * kept warm; it serves many loads, and is replaced after a hang and from time to time.
 */
import type { Clock, Manifest } from "@corral/base";
import type { Isolates } from "../agent/isolates.ts";
import type { ModuleStore } from "../loader/modules.ts";
import { readableFailure } from "../loader/failure-text.ts";
import type { PlacedVersion } from "../loader/version.ts";
import type { EntrypointHandlers, WarmAnswer } from "../router/protocol.ts";
import { holdLifeline } from "../supervisor/attachments.ts";
import { within } from "../supervisor/pause.ts";
import { processorMs } from "../supervisor/processor-time.ts";
import { createPulse, PATIENCE, type Pulse } from "../supervisor/pulse.ts";
import type { Workerd } from "../supervisor/workerd.ts";

/** `reason` is as workerd said it: not redacted. */
export type ScratchAnswer =
  | {
      readonly ok: true;
      readonly startupTimeMs: number;
      readonly handlers: readonly string[];
      readonly named: readonly EntrypointHandlers[];
    }
  | { readonly ok: false; readonly kind: "failed" | "hung" | "unavailable"; readonly reason: string };

export interface Scratch {
  load(version: PlacedVersion, deadlineMs: number, given?: ReadonlyMap<string, Uint8Array>): Promise<ScratchAnswer>;
  /** Whether this code, whatever its bindings, has started here before. */
  hasStarted(manifest: Manifest): boolean;
  /** Has a process warm for the first load. */
  prepare(): void;
  stop(): Promise<void>;
}

export interface ScratchOptions {
  readonly start: () => Promise<Workerd>;
  readonly isolates: Isolates;
  readonly modules: ModuleStore;
  readonly maxProcesses: number;
  readonly clock: Clock;
  /** How often a process that loads is asked whether it still answers. */
  readonly pulseEveryMs: number;
}

interface Spare {
  readonly workerd: Workerd;
  readonly pulse: Pulse;
  loads: number;
}

const MAX_LOADS = 100;
const MAX_REMEMBERED = 10_000;

export function createScratch({ start, isolates, modules, maxProcesses, clock, pulseEveryMs }: ScratchOptions): Scratch {
  const idle: Spare[] = [];
  const all = new Set<Spare>();
  const opening = new Set<Promise<Spare>>();
  const waiting: (() => void)[] = [];
  const started = new Set<string>();
  let busy = 0;
  let count = 0;
  let stopped = false;

  async function take(): Promise<Spare> {
    if (busy >= maxProcesses) await new Promise<void>((resolve) => waiting.push(resolve));
    busy += 1;
    const spare = idle.pop();
    if (spare?.workerd.isAlive === true) return spare;
    try {
      return await open();
    } catch (error) {
      done();
      throw error;
    }
  }

  function open(): Promise<Spare> {
    const opened = startSpare();
    opening.add(opened);
    const forget = (): boolean => opening.delete(opened);
    opened.then(forget, forget);
    return opened;
  }

  async function startSpare(): Promise<Spare> {
    const workerd = await start();
    if (stopped) workerd.kill();
    holdLifeline(workerd);
    const { pid, exited } = workerd;
    const pulse = createPulse({ pid, exited, ping: () => workerd.ask("GET", "/ping") }, pulseEveryMs, clock);
    const spare = { workerd, pulse, loads: 0 };
    all.add(spare);
    void workerd.exited.then(() => all.delete(spare));
    return spare;
  }

  function give(spare: Spare): void {
    if (spare.loads >= MAX_LOADS || idle.length > 0 || stopped) spare.workerd.kill();
    else if (spare.workerd.isAlive) idle.push(spare);
    done();
  }

  function done(): void {
    busy -= 1;
    waiting.shift()?.();
  }

  async function load(
    version: PlacedVersion,
    deadlineMs: number,
    given?: ReadonlyMap<string, Uint8Array>,
  ): Promise<ScratchAnswer> {
    // A manifest of its own, so that its hold on the modules ends with this load and no other does.
    const manifest = { ...version.manifest };
    count += 1;
    const isolate = `scratch-${count}`;
    try {
      await modules.hold(manifest, given);
      isolates.putScratch(isolate, { ...version, manifest });
      const spare = await take();
      try {
        spare.loads += 1;
        const answer = await loadIn(spare, isolate, deadlineMs);
        if (answer.ok) remember(manifest);
        return answer;
      } finally {
        give(spare);
      }
    } catch {
      return { ok: false, kind: "unavailable", reason: "No runtime process could be started." };
    } finally {
      isolates.forget(isolate);
      modules.release(manifest);
    }
  }

  function remember(manifest: Manifest): void {
    started.add(codeKey(manifest));
    const [oldest] = started;
    if (started.size > MAX_REMEMBERED && oldest !== undefined) started.delete(oldest);
  }

  return {
    load,
    hasStarted: (manifest) => started.has(codeKey(manifest)),
    prepare() {
      void take().then(give, () => {});
    },
    async stop() {
      stopped = true;
      await Promise.allSettled(opening);
      for (const { workerd } of all) workerd.kill();
      await Promise.all([...all].map(({ workerd }) => workerd.exited));
    },
  };
}

async function loadIn({ workerd, pulse }: Spare, isolate: string, deadlineMs: number): Promise<ScratchAnswer> {
  const before = (await processorMs(workerd.pid)) ?? 0;
  const answered = new AbortController();
  const silent = pulse.silentFor(deadlineMs, answered.signal);
  void silent.then((isSilent) => isSilent && workerd.kill());
  let answer: WarmAnswer;
  try {
    const asked = workerd.ask<WarmAnswer>("POST", "/warm", { isolate }, PATIENCE * deadlineMs);
    answer = await asked.finally(() => answered.abort());
  } catch {
    if (!(await silent)) await within(workerd.exited, LAST_WORD_MS);
    const late = (await silent) || workerd.isAlive;
    workerd.kill();
    await workerd.exited;
    return late
      ? { ok: false, kind: "hung", reason: "The top level did not end in time." }
      : { ok: false, kind: "failed", reason: "The process that loaded it ended, as one does without memory." };
  }
  const after = (await processorMs(workerd.pid)) ?? 0;
  const startupTimeMs = Math.max(0, Math.floor(after - before - LOAD_OVERHEAD_MS));
  await workerd.ask("POST", "/evict", { isolates: [isolate] }).catch(() => {});
  if (answer.ok) return { ok: true, startupTimeMs, handlers: answer.handlers, named: answer.named };
  const kind = answer.kind === "failed" ? "failed" : "unavailable";
  return { ok: false, kind, reason: readableFailure(answer.message) };
}

/** What a load of an empty Worker costs the process: creating the isolate, pulling its code. */
const LOAD_OVERHEAD_MS = 15;

/** From a process's last connection to its end. */
const LAST_WORD_MS = 1_000;

function codeKey({ syntax, mainModule, modules, compatibilityDate, compatibilityFlags }: Manifest): string {
  const parts = modules.map(({ name, type, sha256 }) => [name, type, sha256]);
  return JSON.stringify([syntax, mainModule, compatibilityDate, compatibilityFlags, parts]);
}
