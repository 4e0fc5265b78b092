/** The part of websocket-driver that is used here; it comes without types. */
declare module "websocket-driver" {
  import type { EventEmitter } from "node:events";
  import type { IncomingMessage } from "node:http";

  export interface Options {
    readonly maxLength: number;
    readonly protocols: readonly string[];
    readonly requireMasking: boolean;
  }

  export interface Driver extends EventEmitter {
    readonly io: EventEmitter;
    readonly readyState: number;
    start(): boolean;
    parse(chunk: Uint8Array): void;
    text(message: string): boolean;
    ping(payload: string): boolean;
    close(reason: string, code: number): boolean;
  }

  const websocket: { http(request: IncomingMessage, options: Options): Driver };
  export default websocket;
}
