import type { Instrumentation } from 'next';

/** Called by Next once, when a server starts, before it handles any requests. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { startServer } = await import('./lib/server/start');
  await startServer();
}

/** Called by Next for every error that a page, an action or a route doesn't catch. */
export const onRequestError: Instrumentation.onRequestError = async (error, request) => {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { logRequestError } = await import('./lib/server/request-error');
  logRequestError(error, request);
};
