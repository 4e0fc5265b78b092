/** The code of an older version under other bindings: downloaded with content/v2 and uploaded again (wire.md 5.5). */
import { Failure } from "../output/errors.ts";
import type { FilePart } from "./multipart.ts";
import { type BindingInfo, isSecretType } from "./shapes.ts";

export interface Content {
  /** The main module's part name; undefined for service-worker syntax. */
  readonly mainModule: string | undefined;
  readonly parts: readonly FilePart[];
}

/** Reads what S/content/v2 answered. */
export function parseContent(contentType: string, entrypoint: string | undefined, body: Uint8Array): Content {
  const boundary = /^multipart\/form-data;.*?boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return { mainModule: undefined, parts: [{ name: "script", contentType, bytes: body }] };
  return { mainModule: entrypoint, parts: splitParts(Buffer.from(body.buffer, body.byteOffset, body.length), boundary) };
}

function splitParts(body: Buffer, boundary: string): FilePart[] {
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: FilePart[] = [];
  for (let start = body.indexOf(delimiter); start >= 0;) {
    const next = body.indexOf(delimiter, start + delimiter.length);
    const headEnd = body.indexOf("\r\n\r\n", start);
    if (next < 0 || headEnd < 0) break;
    const head = body.toString("utf8", start, headEnd);
    const name = /name="([^"]*)"/.exec(head)?.[1];
    const type = /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim();
    if (name === undefined || type === undefined)
      throw new Failure("The server's answer with the version's code cannot be read.");
    parts.push({ name, contentType: type, bytes: body.subarray(headEnd + 4, next - 2) });
    start = next;
  }
  return parts;
}

/** What the old version had, except its secrets: those are inherited from `secretsFrom`. */
export function carriedBindings(
  old: readonly BindingInfo[],
  secrets: readonly string[],
  secretsFrom: string | undefined,
): unknown[] {
  const others = old.filter((one) => !isSecretType(one.type) && !secrets.includes(one.name)).map((one) => one.raw);
  const inherited = secrets.map((name) => ({
    type: "inherit",
    name,
    ...(secretsFrom === undefined ? {} : { version_id: secretsFrom }),
  }));
  return [...others, ...inherited];
}
