/** The public socket, owned by the agent and inherited by each workerd: a new process takes over where one was killed. */
import { Worker } from "node:worker_threads";

export interface Listener {
  readonly fd: number;
  readonly port: number;
  close(): Promise<void>;
}

/** Rejects with a bare error whose `code` is the system's (EADDRINUSE, EACCES). */
export function openListener(host: string, port: number): Promise<Listener> {
  const thread = new Worker(new URL("listener-thread.ts", import.meta.url), { workerData: { host, port } });
  thread.unref();
  return new Promise((resolve, reject) => {
    thread.once("error", reject);
    thread.once("message", (message: { readonly fd?: number; readonly port?: number; readonly failed?: string }) => {
      if (message.fd === undefined || message.fd < 0 || message.port === undefined) {
        void thread.terminate();
        reject(Object.assign(new Error("The Workers' address cannot be listened on."), { code: message.failed }));
        return;
      }
      resolve({
        fd: message.fd,
        port: message.port,
        close: async () => void (await thread.terminate()),
      });
    });
  });
}
