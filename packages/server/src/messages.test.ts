import { CorralError } from "@corral/base";
import { expect, test } from "vitest";
import { AgentFailure } from "./agent-process.ts";
import { readyMessage, refusalMessage } from "./messages.ts";
import { StartError } from "./start-error.ts";

const config = { dataDirectory: "/srv/data", apiPort: 7787, workersPort: 7788, kekFile: "/media/kek" };

test("what to type next is there, with the ports that were found", () => {
  const endpoints = {
    apiUrl: "http://127.0.0.1:4001/client/v4",
    workersUrl: "http://127.0.0.1:4002/",
    accountId: "0".repeat(32),
    tokenFile: "/srv/data/token",
    pid: 1,
  };
  const text = readyMessage(endpoints, config);
  expect(text).toContain("http://hello.localhost:4002/?text=corral");
  expect(text).toContain('eval "$(./corral env)"');
  expect(text).toContain("/media/kek");
});

test("a refusal says which file, directory or port it is about, and what may help", () => {
  expect(refusalMessage(new CorralError("kek.exposed"), config)).toMatch(
    /^error: .*0600\.\nhint: .*\/media\/kek\nhint: .*chmod 600$/,
  );
  expect(refusalMessage(new CorralError("data.locked"), config)).toContain("/srv/data");
  expect(refusalMessage(new AgentFailure("port.taken"), config)).toContain("Port 7788 is in use.");
  expect(refusalMessage(new StartError("Fixed text.", ["a hint"]), undefined)).toBe("error: Fixed text.\nhint: a hint");
});

test("of an error that is not ours nothing is repeated", () => {
  expect(refusalMessage(new Error("sk_live_1"), config)).toBe("error: Corral could not start.");
  expect(refusalMessage("sk_live_1", config)).toBe("error: Corral could not start.");
});
