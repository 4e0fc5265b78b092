/** What an agent posts to the feed (feed.ts). It is ours, and it sits beside tenant code: so it is read as carefully as a stranger. */
import { isUuid, type Uuid } from "@corral/base";
import { z } from "zod";
import type { FeedLog, FeedState, FeedTrace } from "../feed.ts";
import { text } from "../fields.ts";

const uuid = z.string().refine((value): value is Uuid => isUuid(value), "expected a uuid");
const MOST_REASON = 4096;
const MOST_LOG_TEXT = 64 * 1024;

export const feedStateBody: z.ZodType<FeedState> = z
  .object({
    node: text.min(1).max(255),
    workerId: uuid,
    epoch: z.int().min(0),
    state: z.enum(["converging", "live", "failed"]),
    reason: text.max(MOST_REASON).optional(),
    versionId: uuid.optional(),
  })
  .transform(({ reason, versionId, ...state }) => ({
    ...state,
    ...(reason !== undefined && { reason }),
    ...(versionId !== undefined && { versionId }),
  }));

export const feedLogsBody: z.ZodType<readonly FeedLog[]> = z
  .array(
    z.object({
      workerId: uuid,
      workerName: text.min(1).max(255),
      versionId: uuid,
      at: z.number(),
      level: text.min(1).max(20),
      // What a Worker prints may hold anything.
      text: z.string().max(MOST_LOG_TEXT),
    }),
  )
  .max(10_000);

// Any text at all: it is a Worker's, or of who called it.
const anything = z.string().max(MOST_LOG_TEXT);

const traceEvent = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("request"),
    url: anything,
    method: anything,
    headers: z.array(z.tuple([anything, anything])).max(1000),
    cf: anything.nullable(),
    status: z.int().nullable(),
  }),
  z.object({ kind: z.literal("scheduled"), cron: anything, at: z.number() }),
  z.object({ kind: z.literal("rpc"), method: anything }),
]);

export const feedTracesBody: z.ZodType<readonly FeedTrace[]> = z
  .array(
    z.object({
      workerId: uuid,
      workerName: text.min(1).max(255),
      versionId: uuid,
      at: z.number(),
      outcome: text.max(50),
      entrypoint: anything.nullable(),
      cpuMs: z.number(),
      wallMs: z.number(),
      truncated: z.boolean(),
      exceptions: z.array(z.object({ at: z.number(), name: anything, message: anything, stack: anything.nullable() })).max(1000),
      logs: z.array(z.object({ at: z.number(), level: text.max(20), message: z.array(anything).max(10_000) })).max(10_000),
      event: traceEvent.nullable(),
    }),
  )
  .max(10_000);
