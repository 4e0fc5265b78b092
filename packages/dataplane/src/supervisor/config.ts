/**
 * workerd's configuration: the router, the way to the agent, the network. It holds no secret and no Worker, so it is a
 * plain file, the same for every process of a run.
 */
import { networkInterfaces } from "node:os";

export interface RuntimeConfig {
  /** File name of the router's bundle, beside the configuration. */
  readonly routerFile: string;
  readonly agentSocket: string;
  /** With the public socket; a scratch process has none. */
  readonly serves: boolean;
  /** CIDR ranges that Workers may not reach, although they are public: this machine's own. */
  readonly denied: readonly string[];
  /** Ranges that the operator opened beyond `public`. */
  readonly allowed: readonly string[];
  readonly maxHeapMb: number;
}

export function configText({ routerFile, agentSocket, serves, denied, allowed, maxHeapMb }: RuntimeConfig): string {
  // The addresses of both sockets come on the command line; those here are never used.
  const main = serves ? `(name = "main", address = "127.0.0.1:1", http = (), service = "router"),` : "";
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "router", worker = (
      modules = [(name = "router.js", esModule = embed ${text(routerFile)})],
      compatibilityDate = "2026-11-17",
      compatibilityFlags = ["experimental", "service_binding_extra_handlers"],
      bindings = [(name = "LOADER", workerLoader = (id = "versions")), (name = "AGENT", service = "agent")],
      globalOutbound = "internet",
    )),
    (name = "agent", external = (address = ${text(`unix:${agentSocket}`)}, http = ())),
    (name = "internet", network = (
      allow = [${["public", ...allowed].map(text).join(", ")}],
      deny = [${denied.map(text).join(", ")}],
      tlsOptions = (trustBrowserCas = true),
    )),
  ],
  sockets = [${main}
    (name = "ctl", address = "127.0.0.1:1", http = (), service = (name = "router", entrypoint = "Control")),
  ],
  v8Flags = ["--max-semi-space-size=2", "--max-old-space-size=${maxHeapMb}"],
);
`;
}

/** This machine's addresses as single-address ranges: `public` lets those through that are not private. */
export function ownAddresses(): readonly string[] {
  const ranges = new Set<string>();
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, family } of addresses ?? []) {
      ranges.add(family === "IPv4" ? `${address}/32` : `${address.replace(/%.*$/, "")}/128`);
    }
  }
  return [...ranges];
}

/** A Cap'n Proto text literal. */
function text(value: string): string {
  return JSON.stringify(value);
}
