/** POST S/deployments. Whether the shares make sense is control's to say; that they are numbers is said here. */
import { z } from "zod";
import { amount, orAbsent, text } from "../fields.ts";
import { annotations } from "./secret.ts";

/** More versions than any limit would allow; it only bounds what is looked at. */
const MOST_VERSIONS = 100;

export const deploymentBody = z
  .object({
    strategy: z.literal("percentage").nullish(),
    versions: z.array(z.object({ version_id: text, percentage: amount })).max(MOST_VERSIONS),
    annotations,
    code_update_strategy: orAbsent(z.unknown()),
  })
  .transform((body) => ({
    shares: body.versions.map((version) => ({
      versionId: version.version_id.toLowerCase(),
      percentage: version.percentage,
    })),
    message: body.annotations?.["workers/message"] ?? null,
  }));
