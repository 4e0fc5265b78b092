/**
 * The child that the crash tests kill: puts secrets into eight Workers of one account as fast as it can, for ever.
 * Each put is announced before its commit and again after its answer, one JSON line each, written synchronously.
 *
 * usage: node crash-writer.ts <database> <account id> [before-commit|after-commit <n>]
 * The last two make it kill itself at that point of the n-th group.
 */
import { writeSync } from "node:fs";
import { createPlan, putPlan, type WorkerState } from "../contract/fixture.ts";
import type { StoragePoints } from "./group.ts";
import { openSqliteStore } from "./open.ts";

const WORKERS = 8;

const [path = "", accountId = "", point, group = "0"] = process.argv.slice(2);

function killAt(): StoragePoints {
  let left = Number(group);
  const strike = () => {
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  };
  if (point === "before-commit") return { beforeCommit: strike };
  if (point === "after-commit") return { afterCommit: strike };
  return {};
}

const store = openSqliteStore({ path, points: killAt() });

function say(what: "intent" | "answer", put: { workerId: string; versionId: string; recordId: string }): void {
  writeSync(1, `${JSON.stringify({ what, ...put })}\n`);
}

async function find(name: string): Promise<WorkerState> {
  const found = await store.workers.find(accountId, name);
  if (found !== undefined) return found;
  const plan = createPlan({ accountId, name });
  await store.commit(plan);
  return plan.worker;
}

async function putForEver(name: string): Promise<never> {
  let state = await find(name);
  for (;;) {
    const plan = putPlan(state);
    const [version] = plan.versions;
    const [record] = plan.records;
    // The audit row names its version, so that the test can count the two against each other.
    const audit = { ...plan.audit[0], versionId: version.versionId };
    const put = { workerId: plan.workerId, versionId: version.versionId, recordId: record.recordId };
    say("intent", put);
    const result = await store.commit({ ...plan, audit: [audit] });
    if (result !== "committed") throw new Error("nobody else writes here");
    say("answer", put);
    state = plan.worker;
  }
}

await Promise.all(Array.from({ length: WORKERS }, (_, index) => putForEver(`worker-${index}`)));
