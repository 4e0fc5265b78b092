/**
 * Signs what it is asked to sign, and never shows what it signs with.
 *
 *   GET /              what this Worker does, and the fingerprint of the key in use
 *   GET /?text=…       the HMAC-SHA-256 of the text under SIGNING_KEY, in hex
 *
 * Change the secret and the same text gets another signature, without a deploy:
 *   wrangler secret put SIGNING_KEY
 */
const encoder = new TextEncoder();

/**
 * @param {string} key
 * @param {string} text
 */
async function sign(key, text) {
  const imported = await crypto.subtle.importKey("raw", encoder.encode(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", imported, encoder.encode(text));
  return [...new Uint8Array(mac)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default {
  /**
   * @param {Request} request
   * @param {{ SIGNING_KEY?: string }} env
   */
  async fetch(request, env) {
    if (typeof env.SIGNING_KEY !== "string") {
      return Response.json({ error: "No secret yet: wrangler secret put SIGNING_KEY" }, { status: 503 });
    }
    const text = new URL(request.url).searchParams.get("text");
    if (text === null) {
      const fingerprint = (await sign(env.SIGNING_KEY, "fingerprint")).slice(0, 16);
      return Response.json({ worker: "hello", ask: "/?text=anything", key: fingerprint });
    }
    console.log(`signed ${encoder.encode(text).length} bytes`);
    return Response.json({ text, signature: await sign(env.SIGNING_KEY, text) });
  },
};
