import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { openApiDocument } from '@/lib/openapi/document';
import type { Credential } from '@/lib/openapi/operation';
import { OPERATIONS } from '@/lib/openapi/operations';
import { type Policy, policiesWith } from '@/lib/rate-limit/policies';

type Spec = {
  auth: string;
  workspace?: string;
  rateLimit?: string;
  workspaceLimit?: { policy: string; when?: unknown };
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
};

const API = path.resolve('app/api');
/** next-auth's own routes, and the answer to what is no route. */
const UNDOCUMENTED = ['/api/auth/[...nextauth]', '/api/[...path]'];

async function routes(): Promise<Map<string, Spec>> {
  const files = (await readdir(API, { recursive: true })).filter(
    (file) => path.basename(file) === 'route.ts',
  );
  const found = new Map<string, Spec>();
  for (const file of files) {
    const folder = `/api/${path.dirname(file)}`;
    if (UNDOCUMENTED.includes(folder)) continue;
    const module: Record<string, { spec: Spec }> = await import(path.join(API, file));
    for (const [method, { spec }] of Object.entries(module))
      found.set(`${method.toLowerCase()} ${folder.replace(/\[(\w+)\]/g, '{$1}')}`, spec);
  }
  return found;
}

const AUTH: Record<Credential, string> = {
  user: 'user',
  apiKey: 'apiKey',
  session: 'none',
  cronSecret: 'none',
  metricsToken: 'none',
  webhookSignature: 'none',
  none: 'none',
};

const CONFIG = { publicUrl: 'https://connect.example', rateLimits: { mint_user: 20, mint_internal: 31 } };

const found = await routes();

describe('the OpenAPI document', () => {
  it('has every route, and no other', () => {
    expect(OPERATIONS.map(({ method, path: at }) => `${method} ${at}`).sort()).toEqual(
      [...found.keys()].sort(),
    );
  });

  it.each(OPERATIONS.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    '%s: says who may call, how often and with what as the route enforces it',
    (name, operation) => {
      const spec = found.get(name);
      expect({ auth: spec?.auth, role: spec?.workspace, rateLimit: spec?.rateLimit }).toEqual({
        auth: AUTH[operation.credential],
        role: operation.role,
        rateLimit: operation.rateLimit,
      });
      expect({
        policy: spec?.workspaceLimit?.policy,
        isForSome: spec?.workspaceLimit?.when !== undefined,
      }).toEqual({
        policy: operation.workspaceLimit?.policy,
        isForSome: operation.workspaceLimit?.only !== undefined,
      });
      // The very schemas that validate, not ones like them. A form's body is read by its handler.
      expect(spec?.params).toBe(operation.params);
      expect(spec?.query).toBe(operation.query);
      if (operation.bodyType === undefined) expect(spec?.body).toBe(operation.body);
    },
  );

  it('says the limits that are configured', () => {
    const { paths } = openApiDocument(CONFIG);
    expect(paths['/api/v1/internal/github/token']?.post?.['x-rate-limit']).toEqual({
      requests: 31,
      seconds: 60,
    });
  });

  it.each(OPERATIONS.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    '%s: publishes the limits of the table that is enforced',
    (name, { method, path: at }) => {
      const { rateLimit, workspaceLimit } = found.get(name) ?? {};
      const policies: Record<string, Policy> = policiesWith(CONFIG.rateLimits);
      const enforced = [rateLimit, workspaceLimit?.policy].flatMap((policy) => {
        const { limit, windowSeconds } = policies[policy ?? ''] ?? {};
        return limit === undefined ? [] : [{ requests: limit, seconds: windowSeconds }];
      });
      const described = openApiDocument(CONFIG).paths[at]?.[method];
      const published = (described?.['x-rate-limits'] ?? []).map(({ requests, seconds }) => ({
        requests,
        seconds,
      }));
      expect(published).toEqual(enforced);
      const always = workspaceLimit?.when === undefined ? enforced : enforced.slice(0, 1);
      const fewest = always.map(({ requests }) => requests).sort((a, b) => a - b)[0];
      expect(described?.['x-rate-limit']?.requests).toBe(fewest);
    },
  );

  it('knows every limit of a route: no handler counts by itself', async () => {
    const files = (await readdir(API, { recursive: true })).filter(
      (file) => path.basename(file) === 'route.ts',
    );
    const texts = await Promise.all(files.map((file) => readFile(path.join(API, file), 'utf8')));
    expect(files.filter((_, index) => /limitWork|enforceRateLimit/.test(texts[index] ?? ''))).toEqual([]);
  });

  it('has examples that are valid', () => {
    for (const { body, example } of OPERATIONS)
      if (example !== undefined) expect(body?.safeParse(example).error).toBeUndefined();
  });

  it('mentions no schema and no header that it does not have', () => {
    const document = openApiDocument(CONFIG);
    const mentioned = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
    const names = new Set([...mentioned].map(([, ref = '']) => ref));
    expect(names.size).toBeGreaterThan(10);
    const { schemas, headers } = document.components;
    const known = [
      ...Object.keys(schemas).map((name) => `#/components/schemas/${name}`),
      ...Object.keys(headers).map((name) => `#/components/headers/${name}`),
    ];
    for (const name of names) expect(known).toContain(name);
  });

  it('gives the fields of a mint their types, and refuses others', () => {
    const { MintRequest, MintResponse } = openApiDocument(CONFIG).components.schemas;
    expect(MintRequest).toMatchObject({
      additionalProperties: false,
      properties: {
        verify: { type: 'boolean', description: expect.stringContaining('accepts the token') },
        repositories: { type: 'array' },
      },
    });
    expect(MintResponse?.required).toEqual(expect.arrayContaining(['token', 'expires_at', 'permissions']));
  });
});
