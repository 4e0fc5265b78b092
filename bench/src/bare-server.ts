/**
 * What the API is held against: the least that answers such a request, in a process of its own. Prints its port.
 *
 *   PUT  /echo    node:http: reads the body, parses it, sends it back as JSON
 *   GET  /bytes   Hono: sends back what was PUT to /bytes last
 *   POST /upload  Hono: reads the body, answers a small JSON
 */
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";

let bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
const app = new Hono();
app.put("/bytes", async (context) => {
  bytes = new Uint8Array(await context.req.arrayBuffer());
  return context.json({ length: bytes.length });
});
app.get("/bytes", (context) => context.body(bytes, 200, { "content-type": "application/json" }));
app.post("/upload", async (context) => context.json({ length: (await context.req.arrayBuffer()).byteLength }));

const listener = getRequestListener(app.fetch);
const server = createServer((request, response) => {
  if (request.url !== "/echo") return void listener(request, response);
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const text = JSON.stringify(JSON.parse(Buffer.concat(parts).toString("utf8")));
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.end(text);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) process.stdout.write(`${address.port}\n`);
});
process.stdin.resume().once("close", () => process.exit(0));
