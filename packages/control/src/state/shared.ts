/** What the use cases and the feed of one process have in common. */
import type { Keyring } from "@corral/keyring";
import type { Store } from "@corral/storage";
import { type ChangeBell, createChangeBell } from "../feed/change-bell.ts";
import { createNodeStates, type NodeStates } from "../feed/node-states.ts";
import { KnownVersions } from "./known-versions.ts";
import { WorkerKeys } from "./worker-keys.ts";
import { Workers } from "./workers.ts";

export interface SharedState {
  readonly bell: ChangeBell;
  readonly nodes: NodeStates;
  readonly keys: WorkerKeys;
  readonly versions: KnownVersions;
  readonly workers: Workers;
}

export function createSharedState(store: Store, keyring: Keyring): SharedState {
  const keys = new WorkerKeys(keyring, store);
  const versions = new KnownVersions(store);
  return { bell: createChangeBell(), nodes: createNodeStates(), keys, versions, workers: new Workers(store, keys, versions) };
}
