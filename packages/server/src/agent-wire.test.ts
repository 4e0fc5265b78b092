import { expect, test } from "vitest";
import { parseAgentMessage, parseAgentSettings } from "./agent-wire.ts";

const settings = {
  node: "local",
  feedSocket: "/run/feed.sock",
  agentSocket: "/run/agent.sock",
  runDirectory: "/run",
  stateDirectory: "/data/node",
  host: "127.0.0.1",
  workersPort: 0,
};

test("settings survive the wire", () => {
  expect(parseAgentSettings(JSON.stringify(settings))).toEqual(settings);
  const planted = { ...settings, fault: "routes.commit:2" };
  expect(parseAgentSettings(JSON.stringify(planted))).toEqual(planted);
});

test("settings with a part missing are none", () => {
  for (const name of Object.keys(settings)) {
    expect(parseAgentSettings(JSON.stringify({ ...settings, [name]: undefined })), name).toBeUndefined();
  }
});

test("what the agent says is understood, and nothing comes with it that is not listed", () => {
  const workerId = "0b1c2d3e-0000-4000-8000-000000000000";
  for (const message of [
    { event: "ready", workersPort: 7788 },
    { event: "failed", code: "kek.wrong" },
    { event: "runtime.started", pid: 12 },
    { event: "runtime.ended", pid: 12, code: "hung" },
    { event: "deployment.failed", workerId, epoch: 3 },
    { event: "logs.dropped", count: 5 },
    { event: "start.behind", count: 2 },
  ]) {
    expect(parseAgentMessage(JSON.stringify({ ...message, extra: "sk_live_1" }))).toEqual(message);
  }
});

test("any other line is dropped", () => {
  for (const line of [
    "",
    "null",
    "[]",
    "TypeError: sk_live_1",
    '{"event":"ready"}',
    '{"event":"failed","code":"a b"}',
    '{"event":"deployment.failed","workerId":"sk_live_1","epoch":1}',
    '{"event":"?"}',
  ]) {
    expect(parseAgentMessage(line), line).toBeUndefined();
  }
});
