/** The multipart body that an upload is, for tests in which the stock client is not the point. */
export interface UploadPart {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly type?: string;
}

export interface UploadForm {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** `metadata` is sent as its JSON; modules are ES modules unless they say otherwise. */
export function uploadForm(metadata: unknown, modules: readonly UploadPart[]): UploadForm {
  const boundary = `----corral${Math.random().toString(16).slice(2)}`;
  const parts: Buffer[] = [];
  const add = (head: string, content: string | Uint8Array): void => {
    parts.push(Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`), Buffer.from(content), Buffer.from("\r\n"));
  };
  add('Content-Disposition: form-data; name="metadata"', JSON.stringify(metadata));
  for (const { name, content, type = "application/javascript+module" } of modules) {
    add(`Content-Disposition: form-data; name="${name}"; filename="${name}"\r\nContent-Type: ${type}`, content);
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { body: Buffer.concat(parts), headers: { "content-type": `multipart/form-data; boundary=${boundary}` } };
}
