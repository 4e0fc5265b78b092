/**
 * Places at which a test may end a process, so that what a crash leaves behind can be looked at for each of them. In
 * service nothing is planted: `reached` does nothing.
 */
export type FaultPoint =
  /** A value has become a record, which is in memory alone. */
  | "secret.sealed"
  /** A group's rows are written, and not yet committed. */
  | "commit.before"
  /** They are durable, and nobody has been told. */
  | "commit.after"
  /** A node is about to have a version loaded. */
  | "version.load"
  /** The routes are in the agent's table, and not yet in every process. */
  | "routes.commit";

export interface FaultPoints {
  reached(point: FaultPoint): void;
}

export const noFaults: FaultPoints = { reached: () => undefined };

const POINTS: readonly FaultPoint[] = ["secret.sealed", "commit.before", "commit.after", "version.load", "routes.commit"];
const FAULT = /^([a-z.]+):([1-9]\d{0,5})$/;

/** `<point>:<nth>`: calls `strike` when the point is reached for the nth time. undefined for any other text. */
export function parseFault(text: string, strike: () => void): FaultPoints | undefined {
  const [, point, nth] = FAULT.exec(text) ?? [];
  if (!POINTS.some((known) => known === point)) return undefined;
  let left = Number(nth);
  return {
    reached(now) {
      if (now !== point) return;
      left -= 1;
      if (left === 0) strike();
    },
  };
}
