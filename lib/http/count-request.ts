import type { NextRequest } from 'next/server';
import { metrics } from '../observability/metrics';

/** @param started `performance.now()` when the request came */
export function countRequest(
  request: NextRequest,
  params: Record<string, string | string[] | undefined>,
  status: number,
  started: number,
): void {
  const labels = { route: routeTemplate(request.nextUrl.pathname, params), method: request.method };
  metrics.httpRequests.inc({ ...labels, status });
  metrics.httpSeconds.observe(labels, (performance.now() - started) / 1000);
}

/**
 * The route's template, `/api/v1/workspaces/{workspace}/members/{id}`, for metrics: with every value of a path
 * parameter replaced by its name, so that nothing that a client chose becomes a label.
 *
 * @param params as Next gives them, in the order of the path; a catch-all's are a list
 */
export function routeTemplate(
  pathname: string,
  params: Record<string, string | string[] | undefined>,
): string {
  const segments = pathname.split('/');
  let end = segments.length;
  for (const [name, value] of Object.entries(params).reverse()) {
    if (value === undefined) continue;
    const count = Array.isArray(value) ? value.length : 1;
    const last = Array.isArray(value) ? value.at(-1) : value;
    const index = segments.slice(0, end).findLastIndex((segment) => sameSegment(segment, last ?? ''));
    if (index < count) return '{unknown}';
    end = index - count + 1;
    segments.splice(end, count, `{${name}}`);
  }
  return segments.join('/');
}

/** A segment as it was sent is the parameter, encoded in one way or another. */
function sameSegment(segment: string, value: string): boolean {
  if (segment === value) return true;
  try {
    return decodeURIComponent(segment) === decodeURIComponent(value);
  } catch {
    return false;
  }
}
