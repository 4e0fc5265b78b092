import type { Random } from "@corral/base";
import type { KekProvider } from "../../types.ts";
import { localKek } from "../local-wrap.ts";

/** For tests: a key that is gone with the process. */
export function createMemoryKek(random: Random): KekProvider {
  return localKek("memory", random.bytes(32), random);
}
