/** The name a request is for: lower case, without port and without the root's dot. */
export function hostName(header: string | null): string {
  if (header === null) return "";
  const colon = header.indexOf(":");
  const name = colon < 0 ? header : header.slice(0, colon);
  return (name.endsWith(".") ? name.slice(0, -1) : name).toLowerCase();
}

/** `<first 8 of version>-<worker>.<domain>`. */
export function looksLikePreview(host: string): boolean {
  return /^[0-9a-f]{8}-/.test(host);
}
