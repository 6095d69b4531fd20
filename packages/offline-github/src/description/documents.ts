import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Components } from './json-schema';

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  required?: boolean;
  schema?: unknown;
  /** Marks a path parameter that may contain slashes. */
  'x-multi-segment'?: boolean;
}
interface Media {
  schema?: unknown;
}
export interface Response {
  content?: Record<string, Media>;
}
type Reference = { $ref: string };
export interface OperationObject {
  parameters?: (Parameter | Reference)[];
  requestBody?: { required?: boolean; content?: Record<string, Media> };
  responses: Record<string, Response | Reference>;
}
interface RestDocument {
  paths: Record<string, Record<string, OperationObject>>;
  components: Components & { parameters: Record<string, Parameter>; responses: Record<string, Response> };
}
interface WebhooksDocument {
  webhooks: Record<
    string,
    {
      post: {
        requestBody?: { content?: Record<string, Media> };
        'x-github': { subcategory: string; 'supported-webhook-types': string[] };
      };
    }
  >;
  components: Components;
}

const require = createRequire(import.meta.url);

/** Caches the two documents. Together their files take up almost 18 MB, so we read each only once, at first use. */
const cache: { rest?: RestDocument; webhooks?: WebhooksDocument } = {};

/** Returns GitHub's OpenAPI description of the REST API on github.com. https://github.com/octokit/openapi */
export function restDocument(): RestDocument {
  cache.rest ??= read<RestDocument>(require.resolve('@octokit/openapi/generated/api.github.com.json'));
  return cache.rest;
}

/** Returns GitHub's OpenAPI description of its webhooks. https://github.com/octokit/openapi-webhooks */
export function webhooksDocument(): WebhooksDocument {
  cache.webhooks ??= read<WebhooksDocument>(
    require.resolve('@octokit/openapi-webhooks/generated/api.github.com.json'),
  );
  return cache.webhooks;
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

export function resolveParameter(given: Parameter | Reference): Parameter {
  return resolve(restDocument().components.parameters, given, 'parameters');
}

export function resolveResponse(given: Response | Reference): Response {
  return resolve(restDocument().components.responses, given, 'responses');
}

function resolve<T extends object>(table: Record<string, T>, given: T | Reference, kind: string): T {
  if (!('$ref' in given)) return given;
  const found = table[given.$ref.replace(`#/components/${kind}/`, '')];
  if (!found) throw new Error(`the description has no ${given.$ref}`);
  return found;
}
