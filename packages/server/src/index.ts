export { type Endpoints, removeEndpoints, writeEndpoints } from "./endpoints.ts";
export { type Running, startUp, type UpOptions } from "./up.ts";
export { type Environment, readConfig, type UpConfig } from "./config.ts";
export { createOperatorLog, type LogFields, type OperatorLog } from "./logs.ts";
export { type ControlPlane, openControlPlane } from "./control-plane.ts";
export { listenForApi, type Listening } from "./listeners.ts";
