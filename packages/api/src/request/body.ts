/**
 * Reading a body: never more than the operation's limit, and as JSON whatever the content type says (wire.md 2).
 */
import { CorralError, type JsonValue, parseJson } from "@corral/base";

/** Throws request.too-large; nothing is read when the declared length is over the limit already. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null) {
    if (Number(declared) > limit) throw tooLarge(limit);
    // node:http reads no more than was declared.
    const bytes = new Uint8Array(await whole(request));
    if (bytes.length > limit) throw tooLarge(limit);
    return bytes;
  }
  return request.body === null ? new Uint8Array() : readChunks(request.body, limit);
}

async function whole(request: Request): Promise<ArrayBuffer> {
  try {
    return await request.arrayBuffer();
  } catch {
    // The client went away in the middle.
    throw new CorralError("request.unparsable");
  }
}

async function readChunks(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new CorralError("request.unparsable");
    });
    if (done) break;
    length += value.length;
    if (length > limit) {
      void reader.cancel().catch(() => undefined);
      throw tooLarge(limit);
    }
    chunks.push(value);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
}

function tooLarge(limit: number): CorralError {
  return new CorralError("request.too-large", { params: { limit } });
}

/** undefined for an empty body: SDK 6 sends a JSON content type with no body on DELETE. */
export function parseJsonBody(bytes: Uint8Array): JsonValue | undefined {
  if (bytes.length === 0) return undefined;
  const parsed = parseJson(bytes);
  if (parsed.ok) return parsed.value;
  throw new CorralError("request.json-invalid", { params: parsed.error });
}
