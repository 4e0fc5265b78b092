/** POST S/tails (wire.md 10): what of a Worker's invocations is wanted. Some clients send no body at all. */
import { isUuid, type Uuid } from "@corral/base";
import { z } from "zod";
import { orAbsent, text } from "../fields.ts";

/** All that are given must hold. */
export type TailFilter =
  | { readonly by: "sampling"; readonly rate: number }
  | { readonly by: "outcome"; readonly outcomes: readonly string[] }
  | { readonly by: "method"; readonly methods: readonly string[] }
  /** `value`: a part of it; absent: the header is there. */
  | { readonly by: "header"; readonly name: string; readonly value: string | undefined }
  /** "self": the address that began the tail. */
  | { readonly by: "client-ip"; readonly addresses: readonly string[] }
  /** A part of what was logged or thrown. */
  | { readonly by: "text"; readonly text: string }
  | { readonly by: "version"; readonly versionId: Uuid };

const MOST_FILTERS = 20;
const words = z.array(text.max(255)).max(100);
const phrase = text.max(1024);

const filter = z.union([
  z.strictObject({ sampling_rate: z.number().min(0).max(1) }),
  z.strictObject({ outcome: words }),
  z.strictObject({ method: words }),
  z.strictObject({ header: z.object({ key: phrase.min(1), query: orAbsent(phrase) }) }),
  z.strictObject({ client_ip: words }),
  z.strictObject({ query: phrase }),
  z.strictObject({ scriptVersion: z.string().refine((value): value is Uuid => isUuid(value), "expected a uuid") }),
]);

export const tailBody = z
  .object({ filters: orAbsent(z.array(filter).max(MOST_FILTERS)) })
  .transform(({ filters }): readonly TailFilter[] => (filters ?? []).map(toFilter));

function toFilter(given: z.output<typeof filter>): TailFilter {
  if ("sampling_rate" in given) return { by: "sampling", rate: given.sampling_rate };
  if ("outcome" in given) return { by: "outcome", outcomes: given.outcome };
  if ("method" in given) return { by: "method", methods: given.method.map((method) => method.toUpperCase()) };
  if ("header" in given) return { by: "header", name: given.header.key.toLowerCase(), value: given.header.query?.trim() };
  if ("client_ip" in given) return { by: "client-ip", addresses: given.client_ip };
  if ("query" in given) return { by: "text", text: given.query };
  return { by: "version", versionId: given.scriptVersion };
}
