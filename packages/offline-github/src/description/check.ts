import type { AnySchemaObject } from 'ajv';
import { restDocument, webhooksDocument } from './documents';
import { UNDESCRIBED_ERRORS, UNDESCRIBED_ROUTES } from './exceptions';
import { standalone } from './json-schema';
import { answerSchema, findOperation, type Operation } from './operations';
import { violations } from './validator';

type Json = Record<string, unknown>;
export interface ObservedRequest {
  method: string;
  /** The path without the API's base path. */
  path: string;
  query: Record<string, string>;
  /** `undefined` if the request has no body. */
  body: unknown;
}
export interface ObservedAnswer {
  status: number;
  contentType: string;
  text: string;
  link: string | null;
}

/** Returns the operation that GitHub describes for this request, or `null`. */
export function operationOf({ method, path }: Pick<ObservedRequest, 'method' | 'path'>): Operation | null {
  return described(method, path)?.operation ?? null;
}

function described(method: string, path: string) {
  const found = findOperation(method, path);
  if (found) return found;
  const exception = UNDESCRIBED_ROUTES.find((each) => each.path.test(path));
  const operation = exception && findOperation(method, exception.heldTo)?.operation;
  // The URL of an undescribed route lacks the described route's parameters, so use the parameters' names as their
  // values.
  return operation ? { operation, values: namesOf(operation) } : null;
}

function namesOf({ parameters }: Operation): Record<string, string> {
  return Object.fromEntries(parameters.filter((each) => each.in === 'path').map(({ name }) => [name, name]));
}

/**
 * Checks a request against GitHub's OpenAPI description.
 *
 * @returns the violations, human-readable; empty if there are none
 */
export function checkRequest(request: ObservedRequest): string[] {
  const found = described(request.method, request.path);
  if (!found) return [`GitHub describes no ${request.method} ${request.path.replace(/\d+/g, 'N')}`];
  const { operation, values } = found;
  return [
    ...checkParameters(operation, 'path', values),
    ...checkParameters(operation, 'query', request.query),
    ...checkBody(operation, request.body),
  ];
}

function checkParameters(
  operation: Operation,
  place: 'path' | 'query',
  given: Record<string, string>,
): string[] {
  const schema = (): AnySchemaObject => {
    const known = operation.parameters.filter((each) => each.in === place);
    return standalone(restDocument().components, {
      type: 'object',
      properties: Object.fromEntries(known.map(({ name, schema = {} }) => [name, schema])),
      required: known.filter(({ required }) => required).map(({ name }) => name),
      additionalProperties: false,
    });
  };
  const wrong = violations(`${operation.name} ${place}`, schema, { ...given }, { fromText: true });
  return wrong.map((each) => `${place} ${each}`);
}

function checkBody({ name, described: { requestBody } }: Operation, body: unknown): string[] {
  const schema = requestBody?.content?.['application/json']?.schema;
  if (schema === undefined) return body === undefined ? [] : ['body is sent where GitHub describes none'];
  if (body === undefined) return requestBody?.required ? ['body is missing'] : [];
  const closedSchema = () => closed(standalone(restDocument().components, schema)) as AnySchemaObject;
  return violations(`${name} body`, closedSchema, body).map((each) => `body ${each}`);
}

/**
 * Forbids undescribed fields. GitHub silently ignores them, so a client that sends one by mistake would never notice.
 */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  ) as Json;
  const isOpen = typeof inner.properties === 'object' && !('additionalProperties' in inner);
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}

/**
 * Checks a response against GitHub's OpenAPI description.
 *
 * @returns the violations, human-readable; empty if there are none
 */
export function checkAnswer(operation: Operation, answer: ObservedAnswer): string[] {
  return [...checkAnswerBody(operation, answer), ...checkLink(answer.link)];
}

function checkAnswerBody(operation: Operation, { status, contentType, text }: ObservedAnswer): string[] {
  const schema = answerSchema(operation, status);
  const key = `${operation.name} ${status}`;
  if (schema === undefined && status < 400) return [`status ${status} is not described`];
  if (schema === null) return text === '' ? [] : [`status ${status} has a body where GitHub describes none`];
  if (!contentType.startsWith('application/json')) return [`status ${status} is ${contentType || 'no JSON'}`];
  const value: unknown = JSON.parse(text);
  if (schema === undefined || status >= 400) {
    const held = { allOf: [schema ?? ERROR, { required: UNDESCRIBED_ERRORS.required }] };
    return violations(key, () => standalone(restDocument().components, held), value);
  }
  return violations(key, () => standalone(restDocument().components, schema), value);
}

const ERROR = { $ref: `#/components/schemas/${UNDESCRIBED_ERRORS.heldTo}` };

/**
 * Checks the format of a `Link` header.
 * https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api#using-link-headers
 */
function checkLink(link: string | null): string[] {
  const parts = link === null ? [] : link.split(', ');
  const isLink = (part: string) => {
    const [, url = '', rel = ''] = /^<([^>]+)>; rel="(prev|next|last|first)"$/.exec(part) ?? [];
    return rel !== '' && URL.canParse(url);
  };
  return parts.every(isLink) ? [] : ['header Link is not in GitHub’s form'];
}

/**
 * Checks a webhook's payload against GitHub's OpenAPI description.
 *
 * @returns the violations, human-readable; empty if there are none
 */
export function checkWebhook(event: string, payload: Json): string[] {
  const { action } = payload;
  const names = typeof action === 'string' ? [`${event}-${action}`, event] : [event];
  const { webhooks, components } = webhooksDocument();
  const name = names.map((each) => each.replaceAll('_', '-')).find((each) => webhooks[each] !== undefined);
  if (name === undefined) return ['GitHub describes no such event and action'];
  const schema = webhooks[name]?.post.requestBody?.content?.['application/json']?.schema;
  return violations(`webhook ${name}`, () => standalone(components, schema), payload);
}
