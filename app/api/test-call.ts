/** Calls routes in this process, and compares their responses with the OpenAPI document. */
import path from 'node:path';
import { NextRequest } from 'next/server';
import { expect } from 'vitest';
import { z } from 'zod';
import type { DocumentedOperation } from '@/lib/openapi/document';
import { describeApi } from './routes';

export type Call = {
  params?: Record<string, string>;
  query?: string;
  headers?: Record<string, string>;
  /** Sent as it is if it's a text, and as JSON otherwise. */
  body?: unknown;
};

/** An operation of the OpenAPI document, with the place where it is found. */
export type Operation = { id: string; method: string; template: string; documented: DocumentedOperation };

type Handler = (request: NextRequest, next: { params: Promise<Record<string, string>> }) => Promise<Response>;

/** Returns every operation of the document, by its id. */
export function documentedOperations(): Map<string, Operation> {
  const all = Object.entries(describeApi().paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, documented]): [string, Operation] => {
      const id = documented.operationId;
      return [id, { id, method, template, documented }];
    }),
  );
  return new Map(all);
}

export function operationOf(id: string): Operation {
  const operation = documentedOperations().get(id);
  if (operation === undefined) throw new Error(`the document has no operation ${id}`);
  return operation;
}

/** Returns the request with other headers. A header that is `undefined` is left out. */
export function withHeaders(call: Call, changed: Record<string, string | undefined>): Call {
  const headers = Object.entries({ ...call.headers, ...changed }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...call, headers: Object.fromEntries(headers) };
}

let clients = 0;

/** Sends a request to the operation's route. Unless the call names a client address, it's one that no request had. */
export async function send({ method, template }: Operation, call: Call): Promise<Response> {
  const folder = template.slice('/api/'.length).replace(/\{(\w+)\}/g, '[$1]');
  const module: Record<string, Handler> = await import(
    /* @vite-ignore */ path.join(import.meta.dirname, folder, 'route.ts')
  );
  const handler = module[method.toUpperCase()];
  if (handler === undefined) throw new Error(`no ${method} ${template}`);
  const { params = {}, query = '', headers = {}, body } = call;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  clients += 1;
  const request = new NextRequest(`http://localhost:3000${template}${query}`, {
    method: method.toUpperCase(),
    headers: {
      'x-forwarded-for': `10.0.${clients >> 8}.${clients & 255}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(text === undefined ? {} : { body: text }),
  });
  return handler(request, { params: Promise.resolve(params) });
}

/** Returns a schema of the document as a parser, with every schema that it refers to. */
export function parserOf(schema: object): z.ZodType {
  const whole = JSON.stringify({ ...schema, $defs: describeApi().components.schemas });
  return z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')));
}

/**
 * Compares a response with the document's entry for its status: the content type, every field of the body, and the
 * headers.
 *
 * @returns the parsed body, or `undefined` if there is none
 */
export async function readDocumented(operation: Operation, response: Response): Promise<unknown> {
  const { status, headers } = response;
  const name = `${operation.id} ${status}`;
  const documented = operation.documented.responses[status];
  const text = await response.text();
  if (documented === undefined) throw new Error(`${name} is not in the document: ${text}`);
  for (const header of Object.keys(documented.headers))
    expect([...headers.keys()], name).toContain(header.toLowerCase());
  const limits = [...headers.keys()].filter((header) => header.startsWith('ratelimit'));
  expect(limits, name).toHaveLength('RateLimit' in documented.headers ? 2 : 0);
  expect(headers.get('cache-control'), name).toBe('no-store');
  if (documented.content === undefined) {
    expect(text, name).toBe('');
    return undefined;
  }
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  const content = documented.content[type];
  if (content === undefined) throw new Error(`${name}: ${type} is not in the document`);
  const value: unknown = /[/+]json$/.test(type) ? JSON.parse(text) : text;
  expect(parserOf(content.schema).safeParse(value).error?.issues, `${name}: ${text}`).toBeUndefined();
  return value;
}

/** Sends a request, checks the status, and compares the response with the document. */
export async function answered(status: number, id: string, call: Call): Promise<unknown> {
  const operation = operationOf(id);
  const response = await send(operation, call);
  expect([id, response.status, await response.clone().text()]).toEqual([id, status, expect.any(String)]);
  return readDocumented(operation, response);
}
