import { expect, test } from "vitest";
import { parseAgentEvent, parseAgentSettings } from "./agent-wire.ts";

const settings = {
  node: "local",
  feedSocket: "/run/feed.sock",
  agentSocket: "/run/agent.sock",
  runDirectory: "/run",
  host: "127.0.0.1",
  workersPort: 0,
};

test("settings survive the wire", () => {
  expect(parseAgentSettings(JSON.stringify(settings))).toEqual(settings);
});

test("settings with a part missing are none", () => {
  for (const name of Object.keys(settings)) {
    expect(parseAgentSettings(JSON.stringify({ ...settings, [name]: undefined })), name).toBeUndefined();
  }
});

test("the three events are understood, and any other line is dropped", () => {
  expect(parseAgentEvent('{"event":"ready","workersPort":7788}')).toEqual({ event: "ready", workersPort: 7788 });
  expect(parseAgentEvent('{"event":"runtime","pid":12}')).toEqual({ event: "runtime", pid: 12 });
  expect(parseAgentEvent('{"event":"failed","code":"kek.wrong"}')).toEqual({ event: "failed", code: "kek.wrong" });
  for (const line of [
    "",
    "null",
    "[]",
    "TypeError: sk_live_1",
    '{"event":"ready"}',
    '{"event":"failed","code":"a b"}',
    '{"event":"?"}',
  ]) {
    expect(parseAgentEvent(line), line).toBeUndefined();
  }
});
