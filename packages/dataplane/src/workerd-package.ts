/** Stock workerd from npm, exactly pinned: where its binary lies and what it says of itself. */
import { createRequire } from "node:module";

interface WorkerdPackage {
  readonly default: string;
  readonly compatibilityDate: string;
  readonly version: string;
}

const workerd = createRequire(import.meta.url)("workerd") as WorkerdPackage;

export const workerdBinary: string = workerd.default;
/** The newest compatibility date that this binary was made for. */
export const workerdDate: string = workerd.compatibilityDate;
