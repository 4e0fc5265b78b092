/** Where a Worker answers: on this machine's Corral by its own host name, elsewhere as the server says. */
import type { Cli } from "../../cli.ts";
import { asObject } from "../../client/http-client.ts";
import { text } from "../../client/shapes.ts";
import type { WorkerApi } from "../../client/worker-api.ts";
import { findEndpoints } from "../../config/endpoints.ts";

/** undefined where nobody tells. `preview` is a version's id. */
export async function workerUrl(api: WorkerApi, cli: Cli, preview?: string): Promise<string | undefined> {
  const label = preview === undefined ? api.worker : `${preview.slice(0, 8)}-${api.worker}`;
  const { endpoint } = api.http;
  if (endpoint.local) {
    const base = findEndpoints(cli.io)?.workersUrl;
    if (base !== undefined) return `http://${label}.localhost:${new URL(base).port}/`;
  }
  const subdomain = asObject((await api.betaWorker())?.["subdomain"]);
  const url = text(subdomain?.["url"]);
  if (preview === undefined) return url;
  const suffix = text(subdomain?.["preview_url_suffix"]);
  return suffix === undefined ? undefined : `https://${preview.slice(0, 8)}${suffix}`;
}
