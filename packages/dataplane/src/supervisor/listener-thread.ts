/**
 * Binds the public address and hands over the descriptor, then never runs again: Node would accept on it otherwise.
 * Connections wait in the kernel's backlog while no workerd is there.
 */
import { createServer } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

// oxlint-disable unicorn/require-post-message-target-origin -- a port of worker_threads has none
const { host, port } = workerData as { readonly host: string; readonly port: number };
const BACKLOG = 4_096;

const server = createServer();
server.once("error", (error: NodeJS.ErrnoException) => parentPort?.postMessage({ failed: error.code ?? "" }));
server.listen({ host, port, backlog: BACKLOG, exclusive: true }, () => {
  const address = server.address();
  // Undocumented but stable: the descriptor of libuv's handle.
  const { fd } = (server as unknown as { readonly _handle: { readonly fd: number } })._handle;
  parentPort?.postMessage({ fd, port: typeof address === "object" ? address?.port : undefined });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
