import { expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { StartError } from "./start-error.ts";

const problem = (environment: Record<string, string>): string => {
  try {
    readConfig(environment, "/srv");
    return "accepted";
  } catch (error) {
    return error instanceof StartError ? error.message : "another error";
  }
};

test("an empty environment gives the documented defaults, below the working directory", () => {
  expect(readConfig({}, "/srv")).toEqual({
    dataDirectory: "/srv/.corral",
    apiPort: 7787,
    workersPort: 7788,
    kekFile: "/srv/.corral/kek",
  });
});

test("an empty variable is an absent one", () => {
  expect(readConfig({ CORRAL_DATA: "", CORRAL_API_PORT: "" }, "/srv")).toEqual(readConfig({}, "/srv"));
});

test("relative paths are taken from the working directory, absolute ones as they are", () => {
  const config = readConfig({ CORRAL_DATA: "here/data", CORRAL_KEK_FILE: "/media/key/kek" }, "/srv");
  expect(config.dataDirectory).toBe("/srv/here/data");
  expect(config.kekFile).toBe("/media/key/kek");
});

test("0 is any free port, also for both", () => {
  const config = readConfig({ CORRAL_API_PORT: "0", CORRAL_WORKERS_PORT: "0" }, "/srv");
  expect([config.apiPort, config.workersPort]).toEqual([0, 0]);
});

test.for(["65536", "-1", "80a", " 80", "1e3", "0x50"])(
  "the port %j is refused, naming the variable and not the value",
  (port) => {
    const text = problem({ CORRAL_API_PORT: port });
    expect(text).toContain("CORRAL_API_PORT");
    expect(text).not.toContain(port);
  },
);

test("one port for both is refused", () => {
  expect(problem({ CORRAL_API_PORT: "7788" })).toContain("same port");
});

test("a fault is planted by two variables together, and by neither alone", () => {
  const fault = { CORRAL_FAULT: "commit.before:3" };
  expect(readConfig({ ...fault, CORRAL_TEST_FAULTS: "1" }, "/srv").fault).toBe("commit.before:3");
  expect(readConfig(fault, "/srv").fault).toBeUndefined();
  expect(readConfig({ CORRAL_TEST_FAULTS: "1" }, "/srv").fault).toBeUndefined();
  expect(problem({ CORRAL_FAULT: "elsewhere:3", CORRAL_TEST_FAULTS: "1" })).toBe("CORRAL_FAULT is not <point>:<nth>.");
});
