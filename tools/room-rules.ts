/** What is allowed in one room only (design 3). Each rule looks at a file's text without its comments. */
export interface RoomRule {
  readonly applies: (path: string) => boolean;
  readonly finds: RegExp;
  readonly says: string;
}

const inRoom = (path: string, ...rooms: readonly string[]) => rooms.some((room) => path.startsWith(`${room}/`));
/** Tests, and what only they use. */
export const isTest = (path: string) => /\.(test|long)\.ts$|\/testing\/|\/(test-world|vitest-setup)\.ts$/.test(path);
/** What is not product: it measures, checks and drives from outside. */
const OUTSIDE = ["tools", "bench", "conformance", "packages/testkit"] as const;

/** Node files that hold source text for isolates, where `process.env` is the Worker's own. */
const RUNS_IN_WORKERD: ReadonlySet<string> = new Set(["packages/dataplane/src/loader/shim.ts"]);

const CIPHERS =
  "createCipheriv|createDecipheriv|createHmac|createSecretKey|hkdf|hkdfSync|pbkdf2|pbkdf2Sync|scrypt|scryptSync|createSign|createVerify|KeyObject";

export const roomRules: readonly RoomRule[] = [
  {
    applies: (path) => !isTest(path) && !inRoom(path, "packages/keyring", ...OUTSIDE),
    finds: new RegExp(
      `import[^;]*\\b(?:${CIPHERS})\\b[^;]*from "node:crypto"|\\bcrypto\\.(?:${CIPHERS})\\b|crypto\\.subtle\\.(?:encrypt|decrypt|sign|deriveBits)`,
    ),
    says: "uses a cipher, MAC or KDF of node:crypto; only keyring may",
  },
  {
    applies: (path) => !isTest(path) && !inRoom(path, "packages/storage", ...OUTSIDE),
    finds: /["'](?:node:sqlite|pg)["']/,
    says: "imports a database; only storage may",
  },
  {
    applies: (path) =>
      !isTest(path) && !inRoom(path, "packages/server", "packages/cli", ...OUTSIDE) && !RUNS_IN_WORKERD.has(path),
    finds: /\bprocess\.(?:env|exit)\b/,
    says: "reads process.env or ends the process; only server and cli may",
  },
  {
    applies: (path) => !isTest(path) && !inRoom(path, "packages/dataplane", "packages/server", ...OUTSIDE),
    finds: /["']node:child_process["']/,
    says: "starts processes; only dataplane (workerd) and server (the agent) may",
  },
  {
    applies: (path) => !isTest(path) && inRoom(path, "packages/base", "packages/contract"),
    finds: /["']node:/,
    says: "imports a node: module; base and contract load everywhere",
  },
  {
    applies: (path) => path.endsWith(".worker.ts"),
    finds: /["']node:/,
    says: "imports a node: module; it runs in workerd",
  },
  {
    applies: (path) => !isTest(path) && inRoom(path, "packages/storage"),
    finds: /\bRedacted\b/,
    says: "names Redacted; storage sees sealed bytes, never a value",
  },
  {
    applies: (path) => !isTest(path) && !inRoom(path, "packages/keyring", "packages/dataplane", "packages/server", ...OUTSIDE),
    finds: /\bOpener\b/,
    says: "names Opener; only the node agent opens",
  },
];
