import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { startOtlpCollector } from '../../local/services/otlp-collector';
import { callGitHub } from '../github/client';
import { startTestGitHub } from '../github/test-github';
import { createLog } from '../observability/log';
import { inClientSpan, inSpan, tracing } from '../observability/tracing';
import { parseTraceparent, startTracing } from './trace-export';
import { inRequestSpan } from './trace-requests';

const TRACE = 'a'.repeat(32);
const SPAN = 'b'.repeat(16);
const SECRET = `ghs_${'a1B2'.repeat(9)}`;

const collector = await startOtlpCollector();
afterAll(() => collector.close());
await startTestGitHub();

it('describes no span while tracing is off', async () => {
  const details = () => {
    throw new Error('described');
  };
  expect(await inSpan('internal', details, async () => 1)).toBe(1);
  expect(await inClientSpan(details, async () => 2)).toBe(2);
});

describe('with a collector', () => {
  const server = createServer((request, response) =>
    inRequestSpan(request, response, () => {
      if (request.url === '/cut') return response.destroy();
      return response.writeHead(request.url === '/fails' ? 500 : 200).end();
    }),
  );
  afterAll(() => server.close());

  const spanNamed = (name: string) => collector.spans().find((span) => span.name === name);

  async function request(path: string, headers: Record<string, string> = {}) {
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    startTracing(collector.url, 'dev');
    const before = collector.spans().length;
    const { port } = server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}${path}`, { headers }).catch(() => {});
    await expect
      .poll(async () => {
        await tracing.tracer?.flush();
        return collector.spans().length;
      })
      .toBeGreaterThan(before);
    return collector.spans()[before];
  }

  it('leaves the query out of a request’s span, and blanks a credential in its path', async () => {
    const span = await request(`/a/${SECRET}?code=verysecret`);
    expect(span?.attributes['url.path']).toBe('/a/[redacted]');
    expect(collector.text()).not.toContain('verysecret');
    expect(collector.text()).not.toContain(SECRET);
  });

  it('links a caller’s trace context, and makes it no parent', async () => {
    const span = await request('/linked', { traceparent: `00-${TRACE}-${SPAN}-00` });
    expect(span).toMatchObject({ links: [{ traceId: TRACE, spanId: SPAN }] });
    expect([span?.traceId === TRACE, span?.parentSpanId ?? '']).toEqual([false, '']);
  });

  it.each([
    ['/fails', 500, '500'],
    ['/cut', undefined, 'aborted'],
  ])('marks the request %s as failed', async (path, status, errorType) => {
    const span = await request(path);
    expect(span?.status.code).toBe(2);
    expect([span?.attributes['http.response.status_code'], span?.attributes['error.type']]).toEqual([
      status,
      errorType,
    ]);
  });

  it('gives a call of GitHub a span below the current one, without its query', async () => {
    startTracing(collector.url, 'dev');
    await inSpan(
      'internal',
      () => ({ name: 'outer' }),
      () => callGitHub({ as: 'app' }, 'GET /app/installations', { per_page: 1 }),
    );
    await tracing.tracer?.flush();
    const call = spanNamed('GET /app/installations');
    expect(call).toMatchObject({ kind: 3, parentSpanId: spanNamed('outer')?.spanId });
    expect(call?.attributes['url.full']).toMatch(/\/app\/installations$/);
    expect(call?.attributes['http.response.status_code']).toBe(200);
  });

  it('exports an error’s code and never its message', async () => {
    startTracing(collector.url, 'dev');
    const error = Object.assign(new Error('Key (email)=(a@b.test) exists'), { code: '23505' });
    const work = inSpan(
      'internal',
      () => ({ name: 'insert' }),
      () => Promise.reject(error),
    );
    await expect(work).rejects.toBe(error);
    await tracing.tracer?.flush();
    expect(spanNamed('insert')?.attributes['error.type']).toBe('23505');
    expect(collector.text()).not.toContain('a@b.test');
  });

  it('adds the ids of the current span to a line of the log', async () => {
    startTracing(collector.url, 'dev');
    const lines: string[] = [];
    const log = createLog('info', (line) => lines.push(line));
    log.info('outside');
    await inSpan(
      'internal',
      () => ({ name: 'logged' }),
      async () => log.info('inside'),
    );
    await tracing.tracer?.flush();
    const { traceId, spanId } = spanNamed('logged') ?? {};
    const [outside = '', inside = ''] = lines;
    expect(JSON.parse(outside)).not.toHaveProperty('trace_id');
    expect(JSON.parse(inside)).toMatchObject({ trace_id: traceId, span_id: spanId });
  });

  it('drops spans while the collector does not answer, and keeps no work from ending', async () => {
    startTracing('http://127.0.0.1:1', 'dev');
    expect(
      await inSpan(
        'internal',
        () => ({ name: 'lost' }),
        async () => 3,
      ),
    ).toBe(3);
    await tracing.tracer?.flush();
    expect(spanNamed('lost')).toBeUndefined();
  });
});

it('reads a caller’s trace context', () => {
  expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({
    traceId: TRACE,
    spanId: SPAN,
    traceFlags: 1,
    isRemote: true,
  });
});

it.each([
  '',
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${TRACE}-${SPAN}-01\n`,
  `00-${TRACE}-${SPAN}`,
])('ignores an invalid trace context: %j', (header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});
