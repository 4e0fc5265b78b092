/** multipart/form-data as wrangler writes it (wire.md 5.1): a `metadata` field, then one file part per module. */
import { freshUuid } from "./fresh-uuid.ts";

export interface FilePart {
  /** Part name and file name. */
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export function multipart(metadata: unknown, files: readonly FilePart[]): { bytes: Uint8Array; contentType: string } {
  const boundary = `corral-${freshUuid()}`;
  const parts: Uint8Array[] = [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n${JSON.stringify(metadata)}\r\n`),
  ];
  for (const file of files) {
    const name = escapeName(file.name);
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\nContent-Type: ${file.contentType}\r\n\r\n`;
    parts.push(Buffer.from(head), file.bytes, Buffer.from("\r\n"));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { bytes: Buffer.concat(parts), contentType: `multipart/form-data; boundary=${boundary}` };
}

/** HTML's form encoding of the three characters that would end the name. */
function escapeName(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
