import { afterAll, expect, it } from 'vitest';
import { startOtlpCollector } from '../../local/services/otlp-collector';
import { startTestApp } from '../auth/test-fixtures';
import { inSpan, tracing } from '../observability/tracing';
import { startTracing } from '../server/trace-export';
import { openLane } from './pool';

await startTestApp();
const collector = await startOtlpCollector();
startTracing(collector.url, 'dev');
const pool = openLane({ connections: 1, leaseMs: 60_000 });
afterAll(async () => {
  await pool.end();
  await collector.close();
});

const inRequest = (name: string, work: () => Promise<unknown>) => inSpan('internal', () => ({ name }), work);

it('gives a statement to the request that sent it, even if it waited for another’s connection', async () => {
  await Promise.all(
    ['one', 'two', 'three'].map((name) =>
      inRequest(name, () => pool.query(`SELECT pg_sleep(0.01), $1::text AS ${name}`, [`value of ${name}`])),
    ),
  );
  await tracing.tracer?.flush();
  const spans = collector.spans();
  for (const name of ['one', 'two', 'three']) {
    const statement = spans.find(({ attributes }) => String(attributes['db.query.text']).endsWith(name));
    expect(statement?.parentSpanId).toBe(spans.find((span) => span.name === name)?.spanId);
    expect(statement?.attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'db.operation.name': 'SELECT',
    });
  }
  expect(collector.text()).not.toContain('value of');
});

it('exports a failed statement’s SQLSTATE, and rejects as without tracing', async () => {
  const sent = inRequest('failing', () => pool.query('SELECT 1 / $1::int AS failing', [0]));
  await expect(sent).rejects.toMatchObject({ code: '22012' });
  await tracing.tracer?.flush();
  const statement = collector
    .spans()
    .find(({ attributes }) => String(attributes['db.query.text']).endsWith('AS failing'));
  expect(statement?.attributes['error.type']).toBe('22012');
});

it('gives no span to a statement outside of any', async () => {
  await pool.query('SELECT 1 AS outside');
  await tracing.tracer?.flush();
  expect(collector.text()).not.toContain('AS outside');
});
