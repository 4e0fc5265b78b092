export type {
  KekProvider,
  Keyring,
  ManifestAuthenticator,
  Opener,
  RecordIdentity,
  RecordType,
  ReleasedKeys,
  SealedRecord,
  Sealer,
  WrappedKey,
} from "./types.ts";
