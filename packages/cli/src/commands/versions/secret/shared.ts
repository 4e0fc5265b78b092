/** What the commands that make a version have in common. */
import { text } from "../../../args/flags.ts";
import type { Cli } from "../../../cli.ts";
import { NO_VERSIONS, Refusal } from "../../../client/refusal.ts";
import { Failure } from "../../../output/errors.ts";
import { type Edit, explain } from "../../explain.ts";

export const annotationFlags = {
  message: text("text", "a message for the version"),
  tag: text("text", "a tag for the version"),
};

export function tellHowToDeploy(cli: Cli): void {
  cli.out.line('➡️  To deploy this version to production traffic use the command "corral versions deploy".');
}

export async function explainVersionEdit(error: unknown, edit: Edit): Promise<unknown> {
  if (error instanceof Refusal && error.is(NO_VERSIONS)) {
    return new Failure(`The Worker "${edit.api.worker}" has no versions yet.`, {
      code: error.code,
      requestId: error.requestId,
      hints: ["Upload one first: corral deploy", ...(edit.secret === undefined ? [] : [`Or: corral secret put ${edit.secret}`])],
    });
  }
  return explain(error, edit);
}
