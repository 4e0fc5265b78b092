/** Where a Worker answers: on this machine's Corral by its own host name, elsewhere as the server says. */
import type { Cli } from "../../cli.ts";
import { asObject } from "../../client/http-client.ts";
import { text } from "../../client/shapes.ts";
import type { WorkerApi } from "../../client/worker-api.ts";
import { type Endpoints, findEndpoints } from "../../config/endpoints.ts";

/** undefined where nobody tells. `preview` is a version's id. */
export async function workerUrl(api: WorkerApi, cli: Cli, preview?: string): Promise<string | undefined> {
  const label = preview === undefined ? api.worker : `${preview.slice(0, 8)}-${api.worker}`;
  // Also when the environment names it, as `eval "$(corral env)"` does: it is the same server if the API's address is.
  const running = runningHere(cli);
  if (running?.apiUrl === api.http.endpoint.shownUrl) return `http://${label}.localhost:${new URL(running.workersUrl).port}/`;
  const subdomain = asObject((await api.betaWorker())?.["subdomain"]);
  const url = text(subdomain?.["url"]);
  if (preview === undefined) return url;
  const suffix = text(subdomain?.["preview_url_suffix"]);
  return suffix === undefined ? undefined : `https://${preview.slice(0, 8)}${suffix}`;
}

/** An address is a courtesy: that another user's Corral cannot be read fails nothing. */
function runningHere(cli: Cli): Endpoints | undefined {
  try {
    return findEndpoints(cli.io);
  } catch {
    return undefined;
  }
}
