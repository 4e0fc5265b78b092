/** An agent as a process of its own, for the test that kills it: `node tiny-agent.ts FEED_SOCKET RUN_DIRECTORY`. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@corral/base";
import { startAgent } from "../agent/agent.ts";

const [, , feedSocketPath = "", runDirectory = ""] = process.argv;
await mkdir(runDirectory, { mode: 0o700 });
const agent = await startAgent({
  node: "tiny",
  feedSocketPath,
  agentSocketPath: join(runDirectory, "agent.sock"),
  runDirectory,
  workersHost: "127.0.0.1",
  workersPort: 0,
  clock: systemClock,
  log: () => {},
  processes: 1,
});
process.stdout.write(`${JSON.stringify({ pids: agent.pids, port: agent.port })}\n`);
