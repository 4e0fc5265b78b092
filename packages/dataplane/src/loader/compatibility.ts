import { workerdDate } from "../workerd-package.ts";

/** For an upload that states none: the oldest behaviour there is, as Cloudflare has it. */
export const OLDEST_COMPATIBILITY_DATE = "2021-11-02";

/**
 * A date between the runtime's own and today means "the newest": clients write the day they run. It is run as the
 * runtime's date. A date in the future goes through, for the runtime to refuse.
 */
export function compatibilityDateFor(stated: string | null, today: string, runtime: string = workerdDate): string {
  if (stated === null) return OLDEST_COMPATIBILITY_DATE;
  return stated > runtime && stated <= today ? runtime : stated;
}
