export { createAuthenticator } from "./authenticator.ts";
export { type KeyFileDisk, nodeKeyFileDisk } from "./kek/file/disk.ts";
export { createKeyFile, type KeyFileOptions, openFileKek } from "./kek/file/provider.ts";
export { createMemoryKek } from "./kek/memory/provider.ts";
export { createKeyring, openKeyring } from "./keyring.ts";
export { createOpener } from "./opener.ts";
export { pooledRandom } from "./pooled-random.ts";
export type {
  KekProvider,
  KeyKind,
  Keyring,
  ManifestAuthenticator,
  Opener,
  RecordIdentity,
  RecordType,
  ReleasedKeys,
  SealedKeyring,
  SealedRecord,
  Sealer,
  WrappedKey,
} from "./types.ts";
export { warmUp } from "./warm-up.ts";
