import { CorralError, err, ok, ownWord, type Result } from "@corral/base";

/** At most `limit` bytes of UTF-8, cut between characters. */
export function cutUtf8(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const bytes = Buffer.from(text);
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}

/** A version's or deployment's message as it is stored: "" is none (wire.md 6.5), a long one is cut (wire.md 5.3). */
export function keepMessage(message: string | null, limit: number): string | null {
  return message === null || message === "" ? null : cutUtf8(message.toWellFormed(), limit);
}

export function checkTag(tag: string | null, limit: number): Result<string | null, CorralError> {
  if (tag === null || tag === "") return ok(null);
  if (Buffer.byteLength(tag) > limit || !tag.isWellFormed()) {
    return err(new CorralError("upload.invalid", { params: { problem: ownWord("the tag is longer than 100 bytes") } }));
  }
  return ok(tag);
}
