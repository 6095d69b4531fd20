import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleOf } from '@/lib/contract/example';
import { openApiDocument } from '@/lib/openapi/document';
import { ROUTES } from './routes';

const API = import.meta.dirname;
const CONFIG = { publicUrl: 'https://connect.example', rateLimits: { mint_user: 20, mint_internal: 31 } };
const document = openApiDocument(CONFIG, ROUTES);

const files = (await readdir(API, { recursive: true })).filter((file) => path.basename(file) === 'route.ts');

const specs = Object.entries(ROUTES).flatMap(([at, methods]) =>
  Object.entries(methods).map(([method, { spec }]) => [`${method} ${at}`, spec] as const),
);

const undescribed = specs.filter(([, spec]) => 'undescribed' in spec).map(([name]) => name);

describe('the list of routes', () => {
  it('lists every route.ts, at its own path and with every method', async () => {
    const found: Record<string, object> = {};
    for (const file of files) {
      const at = `/api/${path.dirname(file)}`.replace(/\[([.\w]+)\]/g, '{$1}');
      found[at] = { ...(await import(path.join(API, file))) };
    }
    const listed = Object.fromEntries(Object.entries(ROUTES).map(([at, methods]) => [at, { ...methods }]));
    expect(Object.keys(listed).sort()).toEqual(Object.keys(found).sort());
    // Functions are equal only if they're identical, so this checks that each path maps to the very same handler.
    expect(listed).toEqual(found);
  });

  it('serves a direct route at its own method and path', () => {
    const direct = specs.flatMap(([name, { direct }]) => (direct === undefined ? [] : [[direct, name]]));
    expect(direct).toHaveLength(2);
    for (const [target, name] of direct) expect(target).toBe(name);
  });

  it('describes every route except those without a path of their own, and those of an auditor’s browser', () => {
    expect(undescribed.filter((name) => name.includes('{...'))).toHaveLength(7);
    expect(undescribed.filter((name) => !name.includes('{...'))).toEqual([
      'GET /api/evidence/open',
      'GET /api/evidence/pack',
    ]);
  });

  it('leaves authentication and rate limits to the wrapper in every handler', async () => {
    const texts = await Promise.all(files.map((file) => readFile(path.join(API, file), 'utf8')));
    const byItself = /authenticate\w*\(|assertCronSecret|assertMetricsToken|limitWork|enforceRateLimit/;
    expect(files.filter((_, index) => byItself.test(texts[index] ?? ''))).toEqual([]);
  });
});

describe('the OpenAPI document', () => {
  it('gives each operation its own id', () => {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(ids).toHaveLength(specs.length - undescribed.length);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows the limits that are configured', () => {
    expect(document.paths['/api/v1/internal/github/token']?.post?.['x-rate-limit']).toEqual({
      requests: 31,
      seconds: 60,
    });
  });

  it('shows each limit of a route, and the strictest one that counts every request', () => {
    const log = '/api/v1/workspaces/{workspace}/audit-events';
    const [api, whole] = [
      { requests: 300, seconds: 60, per: 'address' },
      { requests: 20, seconds: 60, per: 'workspace' },
    ];
    expect(document.paths[`${log}/verify`]?.get).toMatchObject({
      'x-rate-limit': { requests: 20, seconds: 60 },
      'x-rate-limits': [api, whole],
    });
    expect(document.paths[log]?.get).toMatchObject({
      'x-rate-limit': { requests: 300, seconds: 60 },
      'x-rate-limits': [api, { ...whole, only: 'exports' }],
    });
  });

  it('marks the routes of operators, GitHub and the browser flow as internal', () => {
    const internal = Object.entries(document.paths)
      .filter(([, methods]) => Object.values(methods).some((operation) => operation['x-internal']))
      .map(([at]) => at);
    const isCustomers = ([at]: [string, unknown]) => at.startsWith('/api/v1/');
    expect(internal).toEqual(Object.keys(document.paths).filter((at) => !isCustomers([at, null])));
  });

  it('has a valid example for each body and each JSON response', () => {
    for (const [name, spec] of specs) {
      if ('undescribed' in spec) continue;
      const { body, answer, otherAnswer } = spec;
      for (const schema of [body, answer.schema, otherAnswer?.schema]) {
        if (schema === undefined) continue;
        expect(schema.safeParse(exampleOf(schema)).error, name).toBeUndefined();
      }
    }
  });

  it('refers to no schema or header that it does not contain', () => {
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

  it('gives the fields of a mint their types, and rejects others', () => {
    const { MintRequest, MintResponse } = document.components.schemas;
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
