/** GET /corral/v1/openapi.json: OpenAPI 3.1, made of the route table and the schemas that answers are checked against. */
import { z } from "zod";
import { CORRAL_BASE, type CorralRouteId, corralRoutes, type Route } from "../routes.ts";
import { type CorralOperation, corralOperations } from "./operations.ts";

type Json = Readonly<Record<string, unknown>>;

export function corralOpenApi(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [id, route] of Object.entries(corralRoutes)) {
    const methods = (paths[route.path] ??= {});
    methods[route.method.toLowerCase()] = operation(id, route, corralOperations[id as CorralRouteId]);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Corral",
      version: "1",
      description:
        "What Cloudflare's wire has no words for. Everything else is Cloudflare's v4 Workers API, at /client/v4 of the same address.",
    },
    servers: [{ url: CORRAL_BASE }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Failure: FAILURE },
    },
  };
}

function operation(id: string, route: Route, described: CorralOperation): Json {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(described.query ?? {}).map(([name, description]) => ({
    name,
    in: "query",
    description,
    schema: { type: "string" },
  }));
  return {
    operationId: id,
    summary: route.summary,
    description: described.description,
    ...(described.open === true && { security: [] }),
    parameters: [...inPath, ...inQuery],
    ...(described.body !== undefined && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: schema(described.body), example: described.example.body } },
      },
    }),
    responses: {
      "200": answer(described),
      default: {
        description: "a refusal; docs/errors.md lists them",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } },
      },
    },
  };
}

function answer({ result }: CorralOperation): Json {
  if (result instanceof z.ZodNever) return { description: "the document itself" };
  const envelope = {
    type: "object",
    required: ["result", "success", "errors", "messages"],
    properties: {
      result: schema(result),
      success: { const: true },
      errors: { type: "array", maxItems: 0 },
      messages: { type: "array", maxItems: 0 },
    },
  };
  return { description: "done", content: { "application/json": { schema: envelope } } };
}

function schema(of: z.ZodType): Json {
  const { $schema: _version, ...rest } = z.toJSONSchema(of) as Json;
  return rest;
}

const FAILURE = {
  type: "object",
  required: ["result", "success", "errors", "messages"],
  properties: {
    result: { type: "null" },
    success: { const: false },
    errors: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["code", "message"],
        properties: { code: { type: "integer" }, message: { type: "string" } },
      },
    },
    messages: { type: "array", maxItems: 0 },
  },
} as const;
