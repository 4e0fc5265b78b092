/** Is this body multipart, and with which boundary? The header may be wrong: SDK 7 says application/javascript (wire.md 5.2). */
import { broken, parameters } from "./parse.ts";

const MOST_BOUNDARY = 200;
/** `--x` alone could be JavaScript; with a header of a part on the next line it cannot. */
const SNIFFED = /^--([^\r\n]{1,200})\r?\ncontent-(?:disposition|type):/i;

/** undefined: the body is a script by itself. Throws request.unparsable. */
export function findBoundary(contentType: string | undefined, body: Uint8Array): string | undefined {
  const declared = contentType === undefined ? undefined : /^multipart\//i.test(contentType.trim());
  if (declared === true) {
    const boundary = parameters(contentType ?? "").get("boundary");
    if (boundary !== undefined && boundary !== "" && boundary.length <= MOST_BOUNDARY) return boundary;
  }
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 512)).toString("latin1");
  const sniffed = SNIFFED.exec(head)?.[1]?.trimEnd();
  if (sniffed === undefined && declared === true) throw broken();
  return sniffed;
}
