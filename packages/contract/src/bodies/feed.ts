/** What an agent posts to the feed (feed.ts). It is ours, and it sits beside tenant code: so it is read as carefully as a stranger. */
import { isUuid, type Uuid } from "@corral/base";
import { z } from "zod";
import type { FeedLog, FeedState } from "../feed.ts";
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
