/** A Worker that does not exist yet, made to hold secrets. It is never made unasked, and removed again if the secrets then fail. */
import { yesNo } from "../args/flags.ts";
import type { Cli } from "../cli.ts";
import { Refusal, WORKER_ABSENT } from "../client/refusal.ts";
import type { WorkerApi } from "../client/worker-api.ts";
import { Declined } from "../output/errors.ts";
import { workerAbsent } from "./explain.ts";

export const createFlag = { create: yesNo("create the Worker if it does not exist") };

/** Runs the edit; if the Worker is absent, asks, creates a draft and runs it again. */
export async function withDraft<T>(api: WorkerApi, create: boolean, cli: Cli, edit: () => Promise<T>): Promise<T> {
  try {
    return await edit();
  } catch (error) {
    if (!(error instanceof Refusal) || !error.is(...WORKER_ABSENT)) throw error;
    if (!create) await askToCreate(api, cli, error);
  }
  cli.out.line(`🌀 Creating new Worker "${api.worker}"...`);
  await api.createDraft();
  try {
    return await edit();
  } catch (error) {
    await removeDraft(api, cli);
    throw error;
  }
}

async function askToCreate(api: WorkerApi, cli: Cli, refusal: Refusal): Promise<void> {
  if (!cli.ask.possible) throw await workerAbsent(api, true, refusal.requestId);
  const question = `There doesn't seem to be a Worker called "${api.worker}". Do you want to create a new Worker with that name and add secrets to it?`;
  if (!(await cli.ask.yesNo(question, true))) throw new Declined("Aborting. No secrets added.");
}

async function removeDraft(api: WorkerApi, cli: Cli): Promise<void> {
  try {
    await api.delete(true);
    cli.out.note(`The new Worker "${api.worker}" was removed again.`);
  } catch {
    cli.out.note(`The new Worker "${api.worker}" could not be removed again: corral delete --name ${api.worker}`);
  }
}
