/** How long after its answer a secret put reaches traffic. */
import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { type RunningCorral, startCorral, uploadForm } from "@corral/testkit";
import { atMost, type Bench, type Row } from "./rows.ts";
import { percentile, ROUNDS } from "./rounds.ts";

const PUTS_PER_ROUND = 30;
/** Asked back to back, the asking itself would take the processor that the change needs. */
const POLL_MS = 1;
const GIVE_UP_MS = 10_000;
const SOURCE = `
export default {
  async fetch(request, env) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(env.API_KEY ?? ""));
    return new Response(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(""));
  },
};`;

export const propagation: Bench = {
  name: "propagation",
  async run(): Promise<readonly Row[]> {
    await using corral = await startCorral();
    const form = uploadForm({ main_module: "worker.js", compatibility_date: "2026-01-01" }, [
      { name: "worker.js", content: SOURCE },
    ]);
    await corral.must("PUT", "/workers/scripts/bench", form.body, form.headers);
    const times: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (let put = 0; put < PUTS_PER_ROUND; put += 1) {
        const time = await putAndWait(corral, `value-${round}-${put}`);
        if (round > 0) times.push(time);
      }
    }
    const row = { unit: "ms", rounds: ROUNDS } as const;
    const note = `${times.length} puts, one after the other; the Worker is asked every millisecond until the new value is there`;
    return [
      { ...row, name: "put answered -> new value served, p50", value: percentile(times, 50), goal: atMost(15), note },
      { ...row, name: "put answered -> new value served, p99", value: percentile(times, 99), goal: atMost(60) },
    ];
  },
};

/** Milliseconds from the put's answer to the first answer that knows the new value. */
async function putAndWait(corral: RunningCorral, value: string): Promise<number> {
  const expected = createHash("sha256").update(value).digest("hex");
  await corral.must("PUT", "/workers/scripts/bench/secrets", { name: "API_KEY", text: value, type: "secret_text" });
  const answered = performance.now();
  for (;;) {
    const { text } = await corral.ask("bench");
    const waited = performance.now() - answered;
    if (text === expected) return waited;
    if (waited > GIVE_UP_MS) throw new Error("the new value did not reach traffic");
    await wait(POLL_MS);
  }
}
