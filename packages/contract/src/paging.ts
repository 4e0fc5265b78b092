/** `page` and `per_page` (wire.md 2). Every list honours them and is empty past its end, or the SDK's iterators never stop. */
import type { ResultInfo } from "./envelope.ts";

export interface PageRequest {
  readonly page: number;
  readonly perPage: number;
}

const DIGITS = /^\d{1,9}$/;

/**
 * A page of 0 counts as the first (wrangler asks for it in one place); what is no number counts as absent, as the
 * real service does not refuse it. `per_page` is cut to `most`.
 */
export function parsePaging(
  query: (name: string) => string | undefined,
  sizes: { readonly usual: number; readonly most: number },
): PageRequest {
  return {
    page: Math.max(1, count(query("page")) ?? 1),
    perPage: Math.min(sizes.most, Math.max(1, count(query("per_page")) ?? sizes.usual)),
  };
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && DIGITS.test(text) ? Number(text) : undefined;
}

export function resultInfo(paging: PageRequest, shown: number, total: number): ResultInfo {
  return {
    page: paging.page,
    per_page: paging.perPage,
    count: shown,
    total_count: total,
    total_pages: Math.ceil(total / paging.perPage),
  };
}

/** For lists that are whole in memory. */
export function pageOf<T>(items: readonly T[], paging: PageRequest): readonly T[] {
  const start = (paging.page - 1) * paging.perPage;
  return items.slice(start, start + paging.perPage);
}
