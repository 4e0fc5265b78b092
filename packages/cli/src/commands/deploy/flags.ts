/** What `deploy` and `versions upload` have in common. */
import { list, text, yesNo } from "../../args/flags.ts";
import { inputFormatFlag } from "../../bulk/read.ts";
import { yesFlag } from "../secret/delete.ts";
import { targetFlags } from "../target.ts";

export const uploadFlags = {
  ...targetFlags,
  message: text("text", "a message for the version"),
  tag: text("text", "a tag for the version"),
  "secrets-file": text("file", "secrets to set in the same version: JSON or .env; null deletes"),
  ...inputFormatFlag,
  "keep-vars": yesNo("keep variables that the config does not name"),
  strict: yesNo("stop at anything that would only be noted"),
  "dry-run": yesNo("bundle, and upload nothing"),
  outdir: text("folder", "write the bundle there"),
  "compatibility-date": text("date", "instead of the config's"),
  "compatibility-flags": list("flag", "besides the config's", { aliases: ["compatibility-flag"] }),
  latest: yesNo("use today's compatibility date"),
  var: list("name:value", "a variable, besides the config's"),
  define: list("name:text", "replace a word in the code while bundling"),
  alias: list("module:path", "replace a module while bundling"),
  tsconfig: text("file", "the TypeScript configuration"),
  minify: yesNo("minify the bundle"),
  bundle: yesNo("bundle the code (--no-bundle: upload it as it is)"),
  "upload-source-maps": yesNo("upload a source map with the code"),
  ...yesFlag,
};

export interface UploadArgs {
  readonly name?: string | undefined;
  readonly env?: string | undefined;
  readonly config?: string | undefined;
  readonly message?: string | undefined;
  readonly tag?: string | undefined;
  readonly "secrets-file"?: string | undefined;
  readonly "input-format"?: "json" | "env" | undefined;
  readonly "keep-vars"?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly "dry-run"?: boolean | undefined;
  readonly outdir?: string | undefined;
  readonly "compatibility-date"?: string | undefined;
  readonly "compatibility-flags": readonly string[];
  readonly latest?: boolean | undefined;
  readonly var: readonly string[];
  readonly define: readonly string[];
  readonly alias: readonly string[];
  readonly tsconfig?: string | undefined;
  readonly minify?: boolean | undefined;
  readonly bundle?: boolean | undefined;
  readonly "upload-source-maps"?: boolean | undefined;
  readonly yes?: boolean | undefined;
}
