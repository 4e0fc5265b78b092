/**
 * Preview hosts are not in the table: a Worker may have a hundred retained versions. The agent is asked at the first
 * request, and its answer holds as long as the Worker's routing does not change.
 */
import type { ResolveAnswer } from "./protocol.ts";
import { type RouterEnv, table } from "./state.worker.ts";

const MAX_PREVIEWS = 1_000;
const previews = new Map<string, ResolveAnswer | undefined>();
let revisionOfPreviews = 0;

/** undefined: there is none, which is remembered too. Nothing outlives a change of the table. */
export async function resolvePreview(env: RouterEnv, host: string): Promise<ResolveAnswer | undefined> {
  if (table.revision !== revisionOfPreviews || previews.size >= MAX_PREVIEWS) {
    previews.clear();
    revisionOfPreviews = table.revision;
  }
  if (previews.has(host)) return previews.get(host);
  const response = await env.AGENT.fetch("http://agent/resolve", { method: "POST", body: JSON.stringify({ host }) });
  if (response.status !== 200 && response.status !== 404) return undefined;
  const found = response.status === 200 ? await response.json<ResolveAnswer>() : undefined;
  if (table.revision === revisionOfPreviews) previews.set(host, found);
  return found;
}
