/**
 * The routes that a replica must serve from its first request on, so their code is loaded before it is ready. Plain
 * JavaScript, because the bench loads the same code in a process that has no compiler.
 */
export const FIRST_ENTRIES = [
  '/api/health/ready/route',
  '/api/v1/internal/github/token/route',
  '/api/v1/workspaces/[workspace]/github/token/route',
  '/api/github/webhooks/route',
];
