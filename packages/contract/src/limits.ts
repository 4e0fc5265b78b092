/**
 * How large a request body may be, by kind of operation; checked before and while it is read.
 * What a value, a version or a bulk request may hold is control's matter (`Limits` there).
 */
export interface BodyLimits {
  /** JSON that holds no value, and one secret: bytes. */
  readonly json: number;
  /** Bulk edits and settings with all bindings: bytes. */
  readonly bulk: number;
  /** A version's modules and metadata: bytes. */
  readonly upload: number;
}

export const defaultBodyLimits: BodyLimits = {
  json: 512 * 1024,
  bulk: 8 * 1024 * 1024,
  upload: 64 * 1024 * 1024,
};
