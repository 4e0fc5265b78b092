import type { StoredAnswer } from "./types.ts";

/** Thrown by a mutation whose `Idempotency-Key` was answered meanwhile: send `answer` as it is. Not a failure. */
export class AlreadyAnswered extends Error {
  override readonly name = "AlreadyAnswered";
  readonly answer: StoredAnswer;

  constructor(answer: StoredAnswer) {
    super("This request was answered before.");
    this.answer = answer;
  }
}
