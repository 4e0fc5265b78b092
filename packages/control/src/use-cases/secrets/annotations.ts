import type { VersionAnnotations } from "../../types.ts";

export const NO_ANNOTATIONS: VersionAnnotations = { message: null, tag: null };
