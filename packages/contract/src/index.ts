export type {
  FeedChange,
  FeedHead,
  FeedHello,
  FeedLog,
  FeedRecord,
  FeedState,
  FeedVersion,
  FeedWorker,
  ProveAnswer,
  ProveRequest,
} from "./feed.ts";
