export { type AgentEvent, type AgentOptions, type RunningAgent, startAgent } from "./agent/agent.ts";
export { createProver, type ProverClient } from "./prove/client.ts";
