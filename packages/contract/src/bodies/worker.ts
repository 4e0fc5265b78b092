/** Bodies of the new Workers API (wire.md 6.6). */
import { z } from "zod";
import { flag, orAbsent, text } from "../fields.ts";
import { fieldInvalid, parseBody } from "../parse.ts";
import { parseMetadata, type UploadMetadata } from "./metadata.ts";
import { settingsFields, type SettingsFields, toSettings } from "./settings.ts";

const subdomain = orAbsent(z.object({ enabled: orAbsent(flag), previews_enabled: orAbsent(flag) }));
const fields = { ...settingsFields, subdomain };

const toWorker = (body: SettingsFields & { readonly subdomain?: z.output<typeof subdomain> }) => ({
  settings: toSettings(body),
  ...(body.subdomain !== undefined && {
    subdomain: {
      ...(body.subdomain.enabled !== undefined && { enabled: body.subdomain.enabled }),
      ...(body.subdomain.previews_enabled !== undefined && { previewsEnabled: body.subdomain.previews_enabled }),
    },
  }),
});

/** POST A/workers/workers and PUT W. */
export const workerBody = z
  .object({ ...fields, name: text.min(1) })
  .transform((body) => ({ name: body.name, ...toWorker(body as SettingsFields) }));

/** PATCH W. */
export const workerPatchBody = z
  .object({ ...fields, name: orAbsent(text.min(1)) })
  .transform((body) => ({ ...(body.name !== undefined && { name: body.name }), ...toWorker(body as SettingsFields) }));

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const modules = z.array(z.object({ name: text.min(1), content_type: text, content_base64: z.string().regex(BASE64) })).max(2000);

export interface JsonVersion {
  readonly metadata: UploadMetadata;
  readonly modules: readonly { readonly name: string; readonly contentType: string; readonly contentBase64: string }[];
}

/** POST W/versions: metadata and modules in one JSON body. */
export function parseJsonVersion(input: unknown): JsonVersion {
  const body = parseBody(z.object({ modules: orAbsent(modules) }), input);
  if (body.modules === undefined) throw fieldInvalid("modules", "it is missing");
  return {
    metadata: parseMetadata(input),
    modules: body.modules.map((module) => ({
      name: module.name,
      contentType: module.content_type,
      contentBase64: module.content_base64,
    })),
  };
}
