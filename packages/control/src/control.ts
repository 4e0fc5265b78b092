/** The control plane's door: the use cases, bound to their parts. */
import { type Clock, CorralError, type FaultPoints, noFaults, type Random } from "@corral/base";
import { type Keyring, pooledRandom } from "@corral/keyring";
import type { Store } from "@corral/storage";
import type { VersionProver } from "./feed-types.ts";
import { findAnswer } from "./idempotency.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { defaultPolicy, type Parts, type Policy, type Tip } from "./parts.ts";
import { Lanes } from "./state/lanes.ts";
import { createSharedState, type SharedState } from "./state/shared.ts";
import { Tokens } from "./tokens/tokens.ts";
import type { Control } from "./types.ts";
import * as accounts from "./use-cases/accounts/accounts.ts";
import { createDeployment } from "./use-cases/deployments/create.ts";
import { getDeployment, listDeployments } from "./use-cases/deployments/list.ts";
import { removeDeployment } from "./use-cases/deployments/remove.ts";
import { deploymentStates } from "./use-cases/deployments/states.ts";
import { bulkSecrets } from "./use-cases/secrets/bulk.ts";
import { destroySecret } from "./use-cases/secrets/destroy.ts";
import { getSecret, listSecrets } from "./use-cases/secrets/list.ts";
import { putSecret } from "./use-cases/secrets/put.ts";
import { removeSecret } from "./use-cases/secrets/remove.ts";
import { createTail, extendTail, listTails, removeTail } from "./use-cases/tails/tails.ts";
import * as tokens from "./use-cases/tokens/tokens.ts";
import { versionContent } from "./use-cases/versions/content.ts";
import { createVersion } from "./use-cases/versions/create.ts";
import { getVersion } from "./use-cases/versions/get.ts";
import { listVersions } from "./use-cases/versions/list.ts";
import { patchSecrets } from "./use-cases/versions/patch-secrets.ts";
import { patchSettings } from "./use-cases/versions/patch-settings.ts";
import { putContent } from "./use-cases/versions/put-content.ts";
import { removeVersion } from "./use-cases/versions/remove.ts";
import { createWorker } from "./use-cases/workers/create.ts";
import { editSettings } from "./use-cases/workers/edit-settings.ts";
import { getWorker, listWorkers } from "./use-cases/workers/list.ts";
import { putWorker } from "./use-cases/workers/put.ts";
import { listReferences } from "./use-cases/workers/references.ts";
import { removeWorker } from "./use-cases/workers/remove.ts";
import { renameWorker } from "./use-cases/workers/rename.ts";
import { setSubdomain } from "./use-cases/workers/set-subdomain.ts";

export interface ControlOptions {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: Limits;
  readonly policy?: Policy;
  /** Absent: uploads are accepted untried. */
  readonly prover?: VersionProver;
  /** From `createSharedState`; give the same one to the feed. */
  readonly shared?: SharedState;
  /** For tests. */
  readonly faults?: FaultPoints;
}

/** The installation must be there (`initInstall`). */
export async function createControl(options: ControlOptions): Promise<Control> {
  const parts = await gather(options);
  return {
    limits: parts.limits,
    authenticate: (token) => parts.tokens.authenticate(token),
    idempotency: {
      digest: (...fields) => parts.auditMac("corral/idempotency/1", ...fields),
      find: (caller) => findAnswer(parts, caller),
    },
    tokens: {
      list: (caller) => tokens.listTokens(parts, caller),
      create: (caller, token) => tokens.createToken(parts, caller, token),
      revoke: (caller, tokenId) => tokens.revokeToken(parts, caller, tokenId),
    },
    accounts: {
      list: (caller) => accounts.listAccounts(parts, caller),
      get: (caller, accountId) => accounts.getAccount(parts, caller, accountId),
      subdomain: () => Promise.resolve(parts.install.subdomain),
      audit: (caller, paging) => accounts.listAudit(parts, caller, paging),
    },
    workers: {
      list: (caller, paging) => listWorkers(parts, caller, paging),
      get: (caller, nameOrId) => getWorker(parts, caller, nameOrId),
      create: (caller, name, settings, subdomain) => createWorker(parts, caller, name, settings, subdomain),
      put: (caller, name, upload) => putWorker(parts, caller, name, upload),
      remove: (caller, name, removal) => removeWorker(parts, caller, name, removal),
      rename: (caller, nameOrId, name) => renameWorker(parts, caller, nameOrId, name),
      editSettings: (caller, nameOrId, settings) => editSettings(parts, caller, nameOrId, settings),
      setSubdomain: (caller, nameOrId, subdomain) => setSubdomain(parts, caller, nameOrId, subdomain),
      references: (caller, name) => listReferences(parts, caller, name),
    },
    secrets: {
      list: (caller, worker) => listSecrets(parts, caller, worker),
      get: (caller, worker, name) => getSecret(parts, caller, worker, name),
      put: (caller, worker, secret) => putSecret(parts, caller, worker, secret),
      bulk: (caller, worker, changes) => bulkSecrets(parts, caller, worker, changes),
      remove: (caller, worker, name) => removeSecret(parts, caller, worker, name),
      destroy: (caller, worker, name, destruction) => destroySecret(parts, caller, worker, name, destruction),
    },
    versions: {
      list: (caller, worker, paging) => listVersions(parts, caller, worker, paging),
      get: (caller, worker, versionId) => getVersion(parts, caller, worker, versionId),
      content: (caller, worker, versionId) => versionContent(parts, caller, worker, versionId),
      remove: (caller, worker, versionId) => removeVersion(parts, caller, worker, versionId),
      create: (caller, worker, upload, creation) => createVersion(parts, caller, worker, upload, creation),
      patchSecrets: (caller, worker, changes, annotations, patching) =>
        patchSecrets(parts, caller, worker, changes, annotations, patching),
      putContent: (caller, worker, code) => putContent(parts, caller, worker, code),
      patchSettings: (caller, worker, patch) => patchSettings(parts, caller, worker, patch),
    },
    deployments: {
      list: (caller, worker, paging) => listDeployments(parts, caller, worker, paging),
      get: (caller, worker, deploymentId) => getDeployment(parts, caller, worker, deploymentId),
      create: (caller, worker, deployment) => createDeployment(parts, caller, worker, deployment),
      remove: (caller, worker, deploymentId) => removeDeployment(parts, caller, worker, deploymentId),
      states: (caller, worker, wait) => deploymentStates(parts, caller, worker, wait),
    },
    tails: {
      list: (caller, worker) => listTails(parts, caller, worker),
      create: (caller, worker, request) => createTail(parts, caller, worker, request),
      extend: (caller, worker, id) => extendTail(parts, caller, worker, id),
      remove: (caller, worker, id) => removeTail(parts, caller, worker, id),
    },
  };
}

async function gather(options: ControlOptions): Promise<Parts> {
  const { store, keyring, clock, random } = options;
  const install = await store.install.find();
  if (install === undefined) throw new CorralError("storage.corrupt");
  const installKeys = await store.install.listKeys(install.installId);
  const tokenMac = keyring.installMac("token", installKeys);
  return {
    ...(options.shared ?? createSharedState(store, keyring)),
    store,
    keyring,
    clock,
    random,
    ids: pooledRandom(random),
    install,
    tokenMac,
    auditMac: keyring.installMac("audit", installKeys),
    tokens: new Tokens(store, clock, tokenMac),
    limits: options.limits ?? defaultLimits,
    policy: options.policy ?? defaultPolicy,
    prover: options.prover,
    faults: options.faults ?? noFaults,
    lanes: new Lanes<Tip>(),
    answering: new Map(),
  };
}
