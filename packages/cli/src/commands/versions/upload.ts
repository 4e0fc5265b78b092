import { defineCommand } from "../../args/flags.ts";
import { asObject } from "../../client/http-client.ts";
import { Refusal, WORKER_ABSENT } from "../../client/refusal.ts";
import { readVersion } from "../../client/shapes.ts";
import { Failure } from "../../output/errors.ts";
import { withProgress } from "../../output/progress.ts";
import { duration } from "../../output/words.ts";
import { uploadFlags } from "../deploy/flags.ts";
import { explainInherit } from "../deploy/secrets.ts";
import { prepareUpload } from "../deploy/upload.ts";
import { workerUrl } from "../deploy/url.ts";
import { explain } from "../explain.ts";

export const versionsUpload = defineCommand({
  words: "versions upload",
  summary: "Bundle a Worker and upload it as a version, without deploying it",
  details: "Secrets that are stored go into the new version.",
  document: "{worker, version_id, preview_url}",
  positionals: [{ name: "script", describe: "the entry file (default: the config's main)" }],
  flags: uploadFlags,
  examples: [
    { does: "As the config says", line: "corral versions upload" },
    { does: "With a tag to deploy it by", line: "corral versions upload --tag v1.2.3 && corral versions deploy v1.2.3@10%" },
  ],
  async run(args, [script], cli) {
    const prepared = await prepareUpload(script, args, cli);
    if (prepared === undefined) return;
    const { api, worker, config } = prepared;
    const start = cli.io.now();
    try {
      const { result } = await withProgress(cli, "Uploading", api.upload("version", prepared.body));
      const version = readVersion(asObject(result));
      if (version === undefined) throw new Failure("The server did not say which version it made.");
      const preview = version.hasPreview ? await workerUrl(api, cli, version.id) : undefined;
      cli.out.line(`Uploaded ${worker} (${duration(cli.io.now() - start)})`);
      cli.out.line(`Worker Version ID: ${version.id}`);
      if (preview !== undefined) cli.out.line(`Version Preview URL: ${preview}`);
      cli.out.line('➡️  To deploy this version to production traffic use the command "corral versions deploy".');
      cli.out.document({ worker, version_id: version.id, preview_url: preview });
      cli.out.event("version-upload", { worker_name: worker, version_id: version.id, preview_url: preview });
    } catch (error) {
      if (error instanceof Refusal && error.is(...WORKER_ABSENT)) {
        throw new Failure(`Worker "${worker}" not found.`, {
          code: error.code,
          requestId: error.requestId,
          hints: ["The first upload is a deployment: corral deploy"],
        });
      }
      throw await explain(explainInherit(error, config), { api, args });
    }
  },
});
