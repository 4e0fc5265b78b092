/** POST /corral/v1/tokens. */
import { z } from "zod";
import { orAbsent, text } from "../fields.ts";

/** What a token may do; control knows what each allows. */
export const SCOPES = ["secrets:write", "secrets:list", "workers:deploy", "workers:read", "workers:tail", "admin"] as const;

export const tokenBody = z
  .object({
    name: text.min(1).max(255),
    scopes: z.array(z.enum(SCOPES)).min(1),
    expires_on: orAbsent(z.iso.datetime()),
  })
  .transform((body) => ({ name: body.name, scopes: body.scopes, expiresOn: body.expires_on ?? null }));
