/** Any sequence of commands does to a real control plane what it does to a few lines of model, restarts included. */
import {
  type Arbitrary,
  assert,
  type AsyncCommand,
  asyncModelRun,
  asyncProperty,
  commands,
  constantFrom,
  integer,
  option,
  record,
  constant,
  uniqueArray,
} from "fast-check";
import { expect, it } from "vitest";
import { codeOf, openSecrets, openWorld, secret, upload, type World } from "../test-world.ts";

const CODE = "export default { fetch: () => new Response('hi') }";
const WORKER = "api";
const NAMES = ["A", "B", "C"];
const VALUES = ["1", "2", "3"];
/** Sequences; the long run has more. */
const RUNS = process.env["CORRAL_TEST_LONG"] === "1" ? 400 : 25;

type Secrets = ReadonlyMap<string, string>;

/** What ought to be. Versions are never forgotten here: the sequences are shorter than the retention. */
interface Model {
  versions: Secrets[];
  /** Index of a version, percentage. */
  shares: (readonly [number, number])[];
  exists: boolean;
}

interface Real {
  world: World;
  ids: string[];
}

type Command = AsyncCommand<Model, Real>;

const newest = (model: Model): Secrets => model.versions.at(-1) ?? new Map();
const isDeployed = (model: Model): boolean =>
  model.shares.every(([at, share]) => share === 0 || at === model.versions.length - 1) && model.shares.length > 0;

/** The code that a secret edit must fail with, if any. */
function refusal(model: Model): string | undefined {
  if (!model.exists) return "worker.not-found";
  return isDeployed(model) ? undefined : "secret.version-not-deployed";
}

function edited(secrets: Secrets, changes: ReadonlyMap<string, string | null>): Secrets {
  const after = new Map(secrets);
  for (const [name, value] of changes) {
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  return after;
}

function addVersion(model: Model, secrets: Secrets, deploy: boolean): void {
  model.versions.push(secrets);
  if (deploy) model.shares = [[model.versions.length - 1, 100]];
}

const inputs = (changes: ReadonlyMap<string, string | null>) =>
  new Map([...changes].map(([name, value]) => [name, value === null ? null : secret(name, value)] as const));

/** Learns the new version's id, and compares all that can be seen. */
async function compare(model: Model, real: Real): Promise<void> {
  const { control, caller } = real.world;
  if (!model.exists) {
    expect(await codeOf(control.workers.get(caller, WORKER))).toBe("worker.not-found");
    return;
  }
  const { head, workerId } = await control.workers.get(caller, WORKER);
  expect(head.newestNumber).toBe(model.versions.length);
  if (head.newestVersionId !== null) real.ids[model.versions.length - 1] = head.newestVersionId;
  expect(head.shares).toEqual(model.shares.map(([at, percentage]) => ({ versionId: real.ids[at], percentage })));
  const listed = await control.secrets.list(caller, WORKER);
  expect(listed.map(({ name }) => name)).toEqual([...newest(model).keys()].toSorted());
  expect(await openSecrets(real.world, workerId, head.newestVersionId ?? "")).toEqual(Object.fromEntries(newest(model)));
}

/** A command that succeeds with `effect`, or fails with `code`. */
function command(
  label: string,
  expected: (model: Model) => string | undefined,
  run: (real: Real, model: Model) => Promise<unknown>,
  effect: (model: Model, real: Real) => void,
): Command {
  return {
    check: () => true,
    toString: () => label,
    async run(model, real) {
      const code = expected(model);
      const got = await codeOf(run(real, model));
      expect(got).toBe(code ?? "no failure");
      if (code === undefined) effect(model, real);
      await compare(model, real);
    },
  };
}

const name = constantFrom(...NAMES);
const value = constantFrom(...VALUES);
const changes = uniqueArray(record({ name, value: option(value) }), { selector: (each) => each.name, minLength: 1 }).map(
  (all) => new Map(all.map((each) => [each.name, each.value] as const)),
);

const put = record({ name, value }).map((each) =>
  command(
    `put ${each.name}=${each.value}`,
    refusal,
    ({ world }) => world.control.secrets.put(world.caller, WORKER, secret(each.name, each.value)),
    (model) => addVersion(model, edited(newest(model), new Map([[each.name, each.value]])), true),
  ),
);

const remove = name.map((which) =>
  command(
    `delete ${which}`,
    (model) => refusal(model) ?? (newest(model).has(which) ? undefined : "secret.not-found"),
    ({ world }) => world.control.secrets.remove(world.caller, WORKER, which),
    (model) => addVersion(model, edited(newest(model), new Map([[which, null]])), true),
  ),
);

const bulk = changes.map((all) =>
  command(
    `bulk ${JSON.stringify([...all])}`,
    refusal,
    ({ world }) => world.control.secrets.bulk(world.caller, WORKER, inputs(all)),
    (model) => {
      const changed = [...all].some(([each, to]) => to !== null || newest(model).has(each));
      if (changed) addVersion(model, edited(newest(model), all), true);
    },
  ),
);

const draft = changes.map((all) =>
  command(
    `versions secret bulk ${JSON.stringify([...all])}`,
    (model) => (model.exists ? undefined : "worker.not-found"),
    ({ world }) => world.control.versions.patchSecrets(world.caller, WORKER, inputs(all), { message: null, tag: null }),
    (model) => addVersion(model, edited(newest(model), all), false),
  ),
);

const deploy = record({ name: option(name), keep: constantFrom(undefined, [], ["secret_text"]) }).map((each) =>
  command(
    `deploy ${each.name ?? ""} keep ${JSON.stringify(each.keep)}`,
    () => undefined,
    ({ world }) => world.control.workers.put(world.caller, WORKER, uploadOf(each)),
    (model) => {
      addVersion(model, uploaded(model, each), true);
      model.exists = true;
    },
  ),
);

const uploadVersion = record({ name: option(name), keep: constantFrom(undefined, [], ["secret_text"]) }).map((each) =>
  command(
    `versions upload ${each.name ?? ""} keep ${JSON.stringify(each.keep)}`,
    (model) => (model.exists ? undefined : "worker.not-found"),
    ({ world }) => world.control.versions.create(world.caller, WORKER, uploadOf(each)),
    (model) => addVersion(model, uploaded(model, each), false),
  ),
);

interface UploadChoice {
  readonly name: string | null;
  readonly keep: readonly string[] | undefined;
}

function uploadOf({ name: stated, keep }: UploadChoice) {
  return upload(CODE, { bindings: stated === null ? [] : [secret(stated, "uploaded")], keepBindings: keep });
}

function uploaded(model: Model, { name: stated, keep }: UploadChoice): Secrets {
  const kept = keep?.length === 0 ? new Map<string, string>() : newest(model);
  return stated === null ? kept : edited(kept, new Map([[stated, "uploaded"]]));
}

const split = record({
  first: integer({ min: 0, max: 30 }),
  second: option(integer({ min: 0, max: 30 })),
  share: constantFrom(0, 20, 50, 100),
  force: constantFrom(true, false),
});

const deployVersions = split.map((each) => {
  const sharesOf = (model: Model): (readonly [number, number])[] => {
    const at = (wish: number): number => wish % model.versions.length;
    const first = at(each.first);
    if (each.second === null || at(each.second) === first) return [[first, 100]];
    return [
      [first, each.share],
      [at(each.second), 100 - each.share],
    ];
  };
  return command(
    `versions deploy ${JSON.stringify(each)}`,
    (model) => {
      if (!model.exists) return "worker.not-found";
      return each.force || !goesBack(model, sharesOf(model)) ? undefined : "deployment.secrets-changed";
    },
    ({ world, ids }, model) => {
      const shares = model.exists
        ? sharesOf(model).map(([at, percentage]) => ({ versionId: ids[at] ?? "", percentage }))
        : [{ versionId: "none", percentage: 100 }];
      return world.control.deployments.create(world.caller, WORKER, { shares, message: null, force: each.force });
    },
    (model) => {
      model.shares = sharesOf(model);
    },
  );
});

/** A version that is not live and older than the newest live one, with other secrets than that one. */
function goesBack(model: Model, shares: readonly (readonly [number, number])[]): boolean {
  const live = model.shares.map(([at]) => at);
  const newestLive = Math.max(...live);
  const secrets = textOf(model.versions[newestLive]);
  return shares.some(([at]) => !live.includes(at) && at < newestLive && textOf(model.versions[at]) !== secrets);
}

function textOf(secrets: Secrets = new Map()): string {
  return [...secrets]
    .map(([each, to]) => `${each}=${to}`)
    .toSorted((a, b) => a.localeCompare(b))
    .join();
}

const removeWorker = constant(
  command(
    "delete the Worker",
    (model) => (model.exists ? undefined : "worker.not-found"),
    ({ world }) => world.control.workers.remove(world.caller, WORKER, { force: false }),
    (model, real) => {
      Object.assign(model, { versions: [], shares: [], exists: false });
      real.ids = [];
    },
  ),
);

/** Nothing is left in memory, and every version still has its secrets. */
const restart: Arbitrary<Command> = constant({
  check: () => true,
  toString: () => "restart",
  async run(model: Model, real: Real) {
    real.world = await real.world.restart();
    await compare(model, real);
    if (model.exists) await compareAllVersions(model, real);
  },
});

async function compareAllVersions(model: Model, real: Real): Promise<void> {
  const { workerId } = await real.world.control.workers.get(real.world.caller, WORKER);
  for (const [at, secrets] of model.versions.entries()) {
    expect(await openSecrets(real.world, workerId, real.ids[at] ?? "")).toEqual(Object.fromEntries(secrets));
  }
}

it("any sequence of commands ends where the model ends", async () => {
  const all = [put, put, bulk, remove, draft, deploy, uploadVersion, deployVersions, deployVersions, restart, removeWorker];
  await assert(
    asyncProperty(commands(all, { maxCommands: 40 }), async (sequence) => {
      const real: Real = { world: await openWorld(), ids: [] };
      try {
        await asyncModelRun(() => ({ model: { versions: [], shares: [], exists: false }, real }), sequence);
      } finally {
        await real.world.close();
      }
    }),
    { numRuns: RUNS },
  );
});
