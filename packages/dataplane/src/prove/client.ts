/** The control plane's way to ask a node; the shape of control's `VersionProver`. */
import type { ProveAnswer, ProveRequest } from "@corral/contract";
import { createUnixClient, jsonOf } from "../unix-http.ts";

export interface ProverClient {
  /** Resolves undefined when no node is there to ask, or it cannot say. */
  prove(request: ProveRequest): Promise<ProveAnswer | undefined>;
  close(): void;
}

const PROVE_TIMEOUT_MS = 60_000;

export function createProver(agentSocketPath: string): ProverClient {
  const http = createUnixClient(agentSocketPath, 8);
  return {
    async prove(request) {
      try {
        const call = { method: "POST", path: "/agent/prove", body: request, timeoutMs: PROVE_TIMEOUT_MS } as const;
        return jsonOf<ProveAnswer>(await http.call(call));
      } catch {
        return undefined;
      }
    },
    close: () => http.close(),
  };
}
