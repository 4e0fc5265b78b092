/** The redactor of a Worker: made of the values of every version of it that may still run here, when one is needed. */
import { isSecret, type Uuid } from "@corral/base";
import { createRedactor, type Redactor, type Secret } from "@corral/redaction";
import type { PlacedVersion } from "../loader/version.ts";

export interface Redactors {
  ofWorker(workerId: Uuid): Redactor;
}

interface Made {
  readonly versions: readonly PlacedVersion[];
  readonly redactor: Redactor;
}

const MAX_KEPT = 200;

export function createRedactors(versionsOf: (workerId: Uuid) => readonly PlacedVersion[]): Redactors {
  const made = new Map<Uuid, Made>();
  return {
    ofWorker(workerId) {
      const versions = versionsOf(workerId);
      const known = made.get(workerId);
      if (known !== undefined && sameMembers(known.versions, versions)) return known.redactor;
      const redactor = redactorFor(versions);
      made.delete(workerId);
      made.set(workerId, { versions, redactor });
      const [oldest] = made.keys();
      if (made.size > MAX_KEPT && oldest !== undefined) made.delete(oldest);
      return redactor;
    },
  };
}

export function redactorFor(versions: readonly PlacedVersion[]): Redactor {
  const secrets = new Map<Uuid, Secret>();
  for (const version of versions) {
    for (const binding of version.manifest.bindings.filter(isSecret)) {
      if (secrets.has(binding.recordId)) continue;
      try {
        secrets.set(binding.recordId, { name: binding.name, value: version.openSecret(binding) });
      } catch {
        // What does not open never reached an isolate.
      }
    }
  }
  return createRedactor([...secrets.values()]);
}

function sameMembers(a: readonly PlacedVersion[], b: readonly PlacedVersion[]): boolean {
  return a.length === b.length && a.every((version, at) => version === b[at]);
}
