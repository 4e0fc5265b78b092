/** The new Workers API (wire.md 6.6). Terraform wants every default back, nested, or shows a change in each plan. */
import { type JsonObject, type JsonValue, uuidToHex } from "@corral/base";
import type { WireModule, WireWorker, WireWorkerVersion } from "@corral/contract";
import type { Content, VersionView, WorkerView } from "@corral/control";
import { presentBindings } from "./binding.ts";
import { fromJsonText, objectOf } from "./json.ts";
import { presentSubdomain } from "./settings.ts";
import { presentAnnotations, presentCompatibility, presentPlacement, presentStatedLimits } from "./version.ts";

export interface Surroundings {
  /** The workers.dev label of the installation. */
  readonly subdomain: string;
  /** When the active deployment was made. */
  readonly deployedOn: string | null;
}

export function presentWorker(worker: WorkerView, around: Surroundings): WireWorker {
  const consumers = fromJsonText(worker.settings.tailConsumers);
  return {
    id: uuidToHex(worker.workerId),
    name: worker.head.name,
    created_on: worker.createdOn,
    updated_on: worker.modifiedOn,
    deployed_on: around.deployedOn,
    logpush: worker.settings.logpush,
    observability: observability(fromJsonText(worker.settings.observability)),
    references: NO_REFERENCES,
    subdomain: {
      ...presentSubdomain(worker),
      ...(worker.head.previews && { preview_url_suffix: `-${worker.head.name}.${around.subdomain}.workers.dev` }),
    },
    tags: worker.settings.tags ?? [],
    tail_consumers: Array.isArray(consumers) ? consumers : [],
  };
}

/** Who binds a Worker is a search through the account: S/references does it, and a deploy, which reads this, must not. */
const NO_REFERENCES = { dispatch_namespace_outbounds: [], domains: [], durable_objects: [], queues: [], workers: [] } as const;
const LOGS = { enabled: false, head_sampling_rate: 1, invocation_logs: true, persist: true, destinations: [] };
const TRACES = { enabled: false, head_sampling_rate: 1, persist: true, destinations: [] };

function observability(stored: JsonValue | undefined): JsonObject {
  const given = objectOf(stored);
  return {
    enabled: false,
    head_sampling_rate: 1,
    ...given,
    logs: { ...LOGS, ...objectOf(given["logs"]) },
    traces: { ...TRACES, ...objectOf(given["traces"]) },
  };
}

/** `content` gives the modules, when they were asked for. */
export function presentWorkerVersion({ manifest, info }: VersionView, content?: Content): WireWorkerVersion {
  const modules = content?.modules.map(presentModule);
  return {
    id: manifest.versionId,
    number: manifest.number,
    created_on: manifest.createdOn,
    urls: [],
    annotations: presentAnnotations({ manifest, info }),
    bindings: presentBindings(manifest.bindings),
    ...presentCompatibility(manifest),
    main_module: manifest.mainModule,
    ...presentStatedLimits(manifest),
    ...presentPlacement(manifest),
    source: info.source,
    author_id: info.authorId,
    author_email: info.authorEmail,
    startup_time_ms: info.startupTimeMs,
    usage_model: manifest.usageModel,
    ...(modules !== undefined && { modules }),
  };
}

function presentModule(module: Content["modules"][number]): WireModule {
  const { name, contentType, bytes } = module;
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return { name, content_type: contentType, content_base64: base64 };
}
