/** What the use cases and the feed of one process have in common. */
import { type Clock, type Random, systemClock, systemRandom } from "@corral/base";
import type { Keyring } from "@corral/keyring";
import type { Store } from "@corral/storage";
import { type ChangeBell, createChangeBell } from "../feed/change-bell.ts";
import { createNodeStates, type NodeStates } from "../feed/node-states.ts";
import { type TailLimits, Tails } from "../tails/tails.ts";
import { KnownVersions } from "./known-versions.ts";
import { WorkerKeys } from "./worker-keys.ts";
import { Workers } from "./workers.ts";

export interface SharedState {
  readonly bell: ChangeBell;
  readonly nodes: NodeStates;
  readonly keys: WorkerKeys;
  readonly versions: KnownVersions;
  readonly workers: Workers;
  readonly tails: Tails;
}

export interface SharedStateOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly tailLimits?: TailLimits;
}

export function createSharedState(store: Store, keyring: Keyring, options: SharedStateOptions = {}): SharedState {
  const { clock = systemClock, random = systemRandom, tailLimits: limits } = options;
  const bell = createChangeBell();
  const keys = new WorkerKeys(keyring, store);
  const versions = new KnownVersions(store);
  const tails = new Tails({ clock, random, onFlip: () => bell.ring(), ...(limits !== undefined && { limits }) });
  return { bell, nodes: createNodeStates(), keys, versions, workers: new Workers(store, keys, versions), tails };
}
