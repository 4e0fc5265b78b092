/**
 * Which server, which account, whose token. Only what the user named is contacted: CLOUDFLARE_API_BASE_URL (or
 * CORRAL_API_URL), else the Corral that runs on this machine. There is no default host.
 */
import { Redacted } from "@corral/base";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { findEndpoints } from "../config/endpoints.ts";
import type { Io } from "../io/io.ts";
import { Failure, usage } from "../output/errors.ts";

export interface Endpoint {
  /** Ends in /client/v4. */
  readonly baseUrl: string;
  /** The base without user, password and query. */
  readonly shownUrl: string;
  /** Empty until `chooseAccount` found it. */
  accountId: string;
  readonly credentials: () => Record<string, string>;
  /** The Corral of this machine, found through its endpoints.json. */
  readonly local: boolean;
}

export function findEndpoint(io: Io, configuredAccount: string | undefined): Endpoint {
  const named = first(io, "CORRAL_API_URL", "CLOUDFLARE_API_BASE_URL");
  const account = first(io, "CORRAL_ACCOUNT_ID", "CLOUDFLARE_ACCOUNT_ID");
  if (named === undefined) {
    const local = findEndpoints(io);
    if (local === undefined) {
      throw new Failure("No Corral is running here, and CLOUDFLARE_API_BASE_URL is not set.", {
        hints: ["Start it: ./corral up", "Or name its data directory: CORRAL_DATA"],
      });
    }
    const token = ownToken(io) ?? local.token;
    return {
      baseUrl: local.apiUrl,
      shownUrl: shown(local.apiUrl),
      accountId: first(io, "CORRAL_ACCOUNT_ID") ?? local.accountId,
      credentials: () => ({ authorization: `Bearer ${token.reveal()}` }),
      local: true,
    };
  }
  const shownUrl = shown(named);
  const credentials = readCredentials(io);
  return { baseUrl: named, shownUrl, accountId: account ?? configuredAccount ?? "", credentials, local: false };
}

/** Whether what is sent can be read on its way: no TLS, and not to this machine. */
export function isExposed(endpoint: Endpoint): boolean {
  const { protocol, hostname } = new URL(endpoint.baseUrl);
  return protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/.test(hostname);
}

function shown(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw usage("CLOUDFLARE_API_BASE_URL is not a URL; it looks like http://127.0.0.1:7787/client/v4.");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw usage("CLOUDFLARE_API_BASE_URL must begin with http:// or https://.");
  }
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/$/, "")}`;
}

function readCredentials(io: Io): () => Record<string, string> {
  const token = ownToken(io) ?? wrapped(first(io, "CLOUDFLARE_API_TOKEN"));
  if (token !== undefined) {
    return () => ({ authorization: `Bearer ${token.reveal()}` });
  }
  const key = wrapped(first(io, "CLOUDFLARE_API_KEY"));
  const email = first(io, "CLOUDFLARE_EMAIL");
  if (key !== undefined && email !== undefined) return () => ({ "x-auth-key": key.reveal(), "x-auth-email": email });
  throw new Failure("There is no API token for this server.", {
    hints: ["Set CLOUDFLARE_API_TOKEN, or CORRAL_API_TOKEN_FILE to the path of a file that holds it."],
  });
}

function ownToken(io: Io): Redacted | undefined {
  const path = first(io, "CORRAL_API_TOKEN_FILE");
  if (path === undefined) return wrapped(first(io, "CORRAL_API_TOKEN"));
  try {
    return wrapped(readFileSync(resolve(io.cwd, path), "utf8").trim());
  } catch {
    throw new Failure("The file that CORRAL_API_TOKEN_FILE names cannot be read.");
  }
}

/** A header cannot carry line ends or anything above U+00FF. */
function wrapped(token: string | undefined): Redacted | undefined {
  if (token === undefined) return undefined;
  if (!/^[\u0021-\u007e\u00a0-\u00ff]+$/.test(token)) {
    throw usage("The API token holds characters that no token has, such as blanks or line ends.");
  }
  return new Redacted(token);
}

function first(io: Io, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = io.env[name];
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
}
