import type { NextRequest } from 'next/server';
import { metrics } from '../observability/metrics';
import { routeTemplate } from './route-template';

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
