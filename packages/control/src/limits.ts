/**
 * Every limit of the control plane, in one place. Settable by the operator; `cloudflareLimits` has Cloudflare's numbers
 * (wire.md 11) for people who test pipelines that will meet them.
 */
export interface Limits {
  /** UTF-8 bytes of one secret, variable or JSON variable. */
  readonly valueBytes: number;
  /** Bindings of one version, secrets included. */
  readonly bindings: number;
  /** Entries of one bulk request. */
  readonly bulk: number;
  /** What a version's env may take as workerd counts it; workerd itself stops at 1 MiB (design.md 8). */
  readonly envBytes: number;
  /** Versions kept beside those of the active deployment; older ones are destroyed (design.md 5). */
  readonly retainedVersions: number;
  /** Deployments kept for the history. */
  readonly retainedDeployments: number;
  /** Versions in one deployment. */
  readonly deploymentVersions: number;
  /** Longer messages are cut, as Cloudflare does. */
  readonly messageBytes: number;
  readonly tagBytes: number;
  /** Modules of one version, all together. */
  readonly uploadBytes: number;
  /** Workers of one account. */
  readonly workers: number;
}

export const defaultLimits: Limits = {
  valueBytes: 65_536,
  bindings: 512,
  bulk: 512,
  envBytes: 960 * 1024,
  retainedVersions: 100,
  retainedDeployments: 200,
  deploymentVersions: 2,
  messageBytes: 1000,
  tagBytes: 100,
  uploadBytes: 64 * 1024 * 1024,
  workers: 100_000,
};

/** 5120 bytes are accepted by the real service (other-clients.md 6.25). */
export const cloudflareLimits: Limits = {
  ...defaultLimits,
  valueBytes: 5120,
  bindings: 128,
  bulk: 100,
  uploadBytes: 10 * 1024 * 1024,
};
