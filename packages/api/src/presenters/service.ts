import type { WireEnvironment, WireService } from "@corral/contract";
import type { WorkerView } from "@corral/control";
import { presentScript } from "./script.ts";

/** A/workers/services/{name} (wire.md 4). Its one environment is `production`. */
export function presentService(worker: WorkerView): WireService {
  const environment = presentEnvironment(worker, "production");
  return {
    id: worker.head.name,
    default_environment: environment,
    environments: [environment],
    created_on: worker.createdOn,
    modified_on: worker.modifiedOn,
    usage_model: environment.script.usage_model,
  };
}

export function presentEnvironment(worker: WorkerView, environment: string): WireEnvironment {
  return {
    environment,
    created_on: worker.createdOn,
    modified_on: worker.modifiedOn,
    script: { ...presentScript(worker), id: worker.head.name },
  };
}
