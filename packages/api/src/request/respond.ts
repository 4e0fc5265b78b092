/** Every answer of the API leaves through here: the headers that keep it out of caches and pages, and its id. */
const SAFETY: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
};

/** `cf-ray` is what wrangler quotes and what users paste into reports (wire.md 2). */
export function respond(
  requestId: string,
  status: number,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream | null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...SAFETY, "cf-ray": requestId, ...headers },
  });
}
