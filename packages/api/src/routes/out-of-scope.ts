/** Paths of products that Corral has not: said so, where a plain "no route" would look like a fault (wire.md 4, last row). */
const PRODUCTS =
  /^\/client\/v4\/(?:zones\/|radar\/|accounts\/[^/]+\/(?:queues|storage|d1|r2|pages|workflows|ai|vectorize|hyperdrive|images|stream|email|browser-rendering|containers|cloudchamber|pipelines|secrets_store|mtls_certificates|logpush|challenges|workers\/(?:assets|dispatch|durable_objects|observability|placement|builds|scripts\/[^/]+\/(?:assets-upload-session|phased-rollout)|workers\/[^/]+\/previews))(?:\/|$))/;

export function isForeignProduct(path: string): boolean {
  return PRODUCTS.test(path);
}
