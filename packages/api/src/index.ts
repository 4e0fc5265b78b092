export { createApi } from "./app.ts";
export { createFeedApi, type FeedApiOptions } from "./feed/feed-api.ts";
export type { ApiFailure, ApiOptions, HealthState } from "./options.ts";
export { type ListenAt, serveApi, type Served, type ServeOptions, type Upgrades } from "./serve.ts";
export { createTailServer } from "./tails/tail-server.ts";
export type { TailSocketLimits } from "./tails/tail-socket.ts";
