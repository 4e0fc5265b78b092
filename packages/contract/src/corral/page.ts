/** GET /corral/v1/docs: the same as a page, without scripts and without anything from elsewhere. */
import { CORRAL_BASE, type CorralRouteId, corralRoutes } from "../routes.ts";
import { corralOperations } from "./operations.ts";

export function corralDocsPage(): string {
  const sections = Object.entries(corralRoutes).map(([id, route]) => {
    const { description, query, example, open } = corralOperations[id as CorralRouteId];
    const parameters = Object.entries(query ?? {}).map(
      ([name, words]) => `<dt><code>${name}</code></dt><dd>${escape(words)}</dd>`,
    );
    const data = example.body === undefined ? "" : ` \\\n  --data '${JSON.stringify(example.body)}'`;
    const header = open === true ? "" : ` \\\n  -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN"`;
    const method = route.method === "GET" ? "" : ` -X ${route.method}`;
    const line = `curl${method}${header}${data} \\\n  "$CORRAL${CORRAL_BASE}${example.path}"`;
    return [
      `<h2><code>${route.method} ${route.path}</code></h2>`,
      `<p>${escape(route.summary)}. ${escape(description)}</p>`,
      parameters.length === 0 ? "" : `<dl>${parameters.join("")}</dl>`,
      `<pre>${escape(line)}</pre>`,
    ].join("\n");
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Corral: our own routes</title>
<h1>Corral: our own routes</h1>
<p>Below <code>${CORRAL_BASE}</code>; Cloudflare's v4 Workers API is at <code>/client/v4</code> of the same address. For programs: <a href="${CORRAL_BASE}/openapi.json">openapi.json</a>.</p>
${sections.join("\n")}
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
