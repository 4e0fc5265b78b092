/** From a parsed JSON value to a typed one; the refusal names the place and never the content. */
import { CorralError, ownWord } from "@corral/base";
import type { z } from "zod";
import { fieldProblem } from "./problem.ts";

/** Throws request.field-invalid, with the field's place as the client would write it. `inside` is a word of ours. */
export function parseBody<S extends z.core.$ZodType>(schema: S, input: unknown, inside?: string): z.core.output<S> {
  const parsed = (schema as unknown as z.ZodType<z.core.output<S>>).safeParse(input);
  if (parsed.success) return parsed.data;
  const { field, problem } = fieldProblem(parsed.error, schema, input);
  throw fieldInvalid(inside === undefined ? field : `${inside}.${field}`, problem);
}

/** As `parseBody`, for what lies inside an upload: throws upload.invalid (10021). */
export function parseUploadPart<S extends z.core.$ZodType>(schema: S, input: unknown, inside: string): z.core.output<S> {
  const parsed = (schema as unknown as z.ZodType<z.core.output<S>>).safeParse(input);
  if (parsed.success) return parsed.data;
  const { field, problem } = fieldProblem(parsed.error, schema, input);
  throw uploadInvalid(field === "body" ? `${inside}: ${problem}` : `${inside}.${field}: ${problem}`);
}

/** Both are made of words of ours. */
export function fieldInvalid(field: string, problem: string): CorralError {
  return new CorralError("request.field-invalid", { params: { field: ownWord(field), problem: ownWord(problem) } });
}

/** `problem` is made of words of ours. */
export function uploadInvalid(problem: string): CorralError {
  return new CorralError("upload.invalid", { params: { problem: ownWord(problem) } });
}
