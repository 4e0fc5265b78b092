import type { Page } from "@corral/storage";
import type { Paging } from "./types.ts";

/** Far more than a client shows, little enough for one answer. */
const MAX_PER_PAGE = 1000;

/** Pages count from 1; nonsense becomes the nearest sense. */
export function pageOf({ page, perPage }: Paging): Page {
  const limit = Math.min(MAX_PER_PAGE, Math.max(1, Math.trunc(perPage) || 1));
  const offset = (Math.max(1, Math.trunc(page) || 1) - 1) * limit;
  return { limit, offset: Math.min(offset, Number.MAX_SAFE_INTEGER) };
}
