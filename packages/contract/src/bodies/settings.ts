/** Settings of a Worker that are not versioned, as PUT S, script-settings and the beta Workers API state them. */
import type { ScriptSettings } from "@corral/base";
import { z } from "zod";
import { flag, orAbsent, text } from "../fields.ts";

const object = z.record(z.string(), z.unknown());
const asJson = <S extends z.core.$ZodType>(schema: S) =>
  z
    .nullable(schema)
    .transform((value) => (value === null ? null : JSON.stringify(value)))
    .optional();

/** Null and an empty list take the tags away; Terraform's v4 always sends null (other-clients.md 2.3). */
const tags = z
  .array(text)
  .max(1000)
  .nullable()
  .transform((list) => list ?? [])
  .optional();

export const settingsFields = {
  logpush: orAbsent(flag),
  tags,
  observability: asJson(object),
  tail_consumers: asJson(z.array(object).max(100)),
} as const;

export type SettingsFields = z.output<z.ZodObject<typeof settingsFields>>;

/** Only what was stated. */
export function toSettings(fields: SettingsFields): Partial<Omit<ScriptSettings, "schedules">> {
  return {
    ...(fields.logpush !== undefined && { logpush: fields.logpush }),
    ...(fields.tags !== undefined && { tags: fields.tags }),
    ...(fields.observability !== undefined && { observability: fields.observability }),
    ...(fields.tail_consumers !== undefined && { tailConsumers: fields.tail_consumers }),
  };
}

/** PATCH S/script-settings. */
export const scriptSettingsBody = z.object(settingsFields).transform(toSettings);

/** POST S/subdomain; previews default to `enabled` (wire.md 6.6). */
export const subdomainBody = z
  .object({ enabled: flag, previews_enabled: orAbsent(flag) })
  .transform(({ enabled, previews_enabled: previews }) => ({
    enabled,
    ...(previews !== undefined && { previewsEnabled: previews }),
  }));

const cron = z.object({ cron: text.max(100).regex(/^\S+(?: +\S+){4}$/) }).transform((schedule) => schedule.cron);

/** PUT S/schedules: a bare array of `{cron}`; the SDK's older releases wrap it in `{schedules}`. */
export const schedulesBody = z.union([
  z.array(cron).max(100),
  z.object({ schedules: z.array(cron).max(100) }).transform((body) => body.schedules),
]);

/** PUT A/workers/subdomain; cloudflare-go v0 says `name` (other-clients.md 2.3). */
export const accountSubdomainBody = z.object({ subdomain: orAbsent(text), name: orAbsent(text) });

/** PATCH A/workers/services/{name}: a rename. */
export const renameBody = z.object({ id: text });

export const usageModelBody = z.object({ usage_model: text });
