export { createApi } from "./app.ts";
export { type ApiFailure, type ApiOptions, type HealthState } from "./options.ts";
