export type { Secret, Uncovered } from "./needles.ts";
export { createRedactor, type Redactor, type StreamRedactor } from "./redactor.ts";
