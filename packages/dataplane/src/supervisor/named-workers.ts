/** Reads from a process's output which Worker it named last; all else in it is dropped, and nothing but an id is kept. */
import type { Uuid } from "@corral/base";

const UUID_LENGTH = 36;

export interface NamedWorkers {
  take(chunk: Uint8Array): void;
  readonly last: Uuid | undefined;
}

/** `marker` is unknown to the Workers, whose own lines are in the same output. */
export function createNamedWorkers(marker: string): NamedWorkers {
  const lineLength = marker.length + UUID_LENGTH;
  let tail = "";
  let last: Uuid | undefined;
  return {
    get last() {
      return last;
    },
    take(chunk) {
      const text = tail + Buffer.from(chunk).toString("latin1");
      const at = text.lastIndexOf(marker, text.length - lineLength);
      if (at >= 0) last = text.slice(at + marker.length, at + lineLength);
      tail = text.slice(Math.max(0, text.length - lineLength));
    },
  };
}
