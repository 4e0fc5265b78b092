export { type Lock, lockDataDirectory } from "./sqlite/lock.ts";
export { openSqliteStore, type SqliteStoreOptions } from "./sqlite/open.ts";
export type { StoragePoints } from "./sqlite/group.ts";
export type {
  AccountRow,
  AuditRow,
  DeploymentRow,
  IdempotencyRow,
  InstallRow,
  KekSlotRow,
  KeyKind,
  KeyringRow,
  ModuleRow,
  RecordRow,
  TokenRow,
  VersionInfo,
  VersionRow,
  WorkerRow,
  WrappedKeyRow,
} from "./rows.ts";
export type {
  CommitResult,
  DeploymentReads,
  InstallPlan,
  InstallReads,
  Page,
  Plan,
  Store,
  VersionReads,
  WorkerReads,
} from "./store.ts";
