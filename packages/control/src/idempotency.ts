/** `Idempotency-Key`: the answer is stored in the commit of what it answers (design.md 7). */
import { CorralError, timestamp } from "@corral/base";
import type { IdempotencyRow } from "@corral/storage";
import { AlreadyAnswered } from "./already-answered.ts";
import type { Parts } from "./parts.ts";
import type { Caller, StoredAnswer } from "./types.ts";

/** Two requests with one key in this process: the second waits, then finds the first one's answer. */
export async function answerOnce<T>(parts: Parts, caller: Caller, run: () => Promise<T>): Promise<T> {
  if (caller.idempotency === undefined) return run();
  const slot = `${caller.accountId}/${caller.idempotency.key}`;
  for (let other = parts.answering.get(slot); other !== undefined; other = parts.answering.get(slot)) await other;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  parts.answering.set(slot, promise);
  try {
    await refuseAnswered(parts, caller);
    return await run();
  } finally {
    parts.answering.delete(slot);
    resolve(undefined);
  }
}

/** Throws AlreadyAnswered, or "idempotency.reused". */
export async function refuseAnswered(parts: Parts, caller: Caller): Promise<void> {
  const answer = await findAnswer(parts, caller);
  if (answer !== undefined) throw new AlreadyAnswered(answer);
}

export async function findAnswer(parts: Parts, caller: Caller): Promise<StoredAnswer | undefined> {
  if (caller.idempotency === undefined) return undefined;
  const { key, digest } = caller.idempotency;
  const row = await parts.store.install.findIdempotency(caller.accountId, key);
  if (row === undefined) return undefined;
  if (Buffer.compare(row.digest, digest) !== 0) throw new CorralError("idempotency.reused");
  return { status: row.status, body: row.answer };
}

export function idempotencyRow(parts: Parts, caller: Caller, result: unknown): IdempotencyRow | undefined {
  if (caller.idempotency === undefined) return undefined;
  const { key, digest } = caller.idempotency;
  const { status, body } = caller.idempotency.answer(result);
  return { accountId: caller.accountId, key, digest, status, answer: body, createdOn: timestamp(parts.clock.now()) };
}
