import type { HttpContext } from './http-env';
import type { AlterableAnswer, Knobs } from './knobs';

type Alteration = NonNullable<ReturnType<Knobs['takeAlteration']>>;

/** Replaces the response with the result of a test's `alter` function. */
export async function alterAnswer(c: HttpContext, alter: Alteration): Promise<void> {
  const text = await c.res.clone().text();
  const json: unknown = text === '' ? null : JSON.parse(text);
  const given: AlterableAnswer = { status: c.res.status, json, headers: Object.fromEntries(c.res.headers) };
  const altered = { ...given, ...alter(given, { page: Number(c.req.query('page') ?? 1) }) };
  const { 'content-length': _, ...headers } = altered.headers;
  // Unset the old response first, because hono would merge its headers into the new one.
  c.res = undefined;
  c.res = new Response(stringify(altered.json), { status: altered.status, headers });
}

const MARK = '\u0001bigint:';

/** Serializes a value as JSON. A bigint becomes an integer with all its digits, as in GitHub's responses. */
export function stringify(value: unknown): string {
  const marked = JSON.stringify(value, (_key, inner) =>
    typeof inner === 'bigint' ? `${MARK}${inner}` : inner,
  );
  return marked.replace(/"\\u0001bigint:(-?\d+)"/g, '$1');
}
