/** Starts a separate server for tests that need the real rate limits, need another configuration or kill the server. */

import type { MintResponse } from '../../lib/contract/mint';
import { type AppServer, startAppServer } from '../../local/app/server';
import { findFreePort, OWN_PORTS } from '../../local/process/free-port';
import { type Services, startServices } from '../../local/services';
import { sharedPostgres } from '../fixtures';
import { newApiKey, newOwner } from '../people';

export interface OwnServer {
  services: Services;
  app: AppServer;
  close(): Promise<void>;
}

export async function startOwnServer(
  env: Record<string, string> = {},
  without: string[] = [],
): Promise<OwnServer> {
  const services = await startServices({ port: OWN_PORTS, env, postgres: sharedPostgres() });
  for (const name of without) delete services.env[name];
  try {
    const app = await startAppServer({ mode: 'start', env: services.env });
    return {
      services,
      app,
      close: async () => {
        await app.stop();
        await services.close();
      },
    };
  } catch (error) {
    await services.close();
    throw error;
  }
}

/**
 * Starts another process of the app with the same database and Redis. The test must stop it before it closes the
 * server.
 */
export async function startReplica(
  { services }: OwnServer,
  changes: Record<string, string> = {},
): Promise<AppServer> {
  const port = changes.PORT ?? String(await findFreePort(services.port + 1));
  const url = `http://localhost:${port}`;
  const env = { ...services.env, PORT: port, NEXTAUTH_URL: url, ...changes };
  return startAppServer({ mode: 'start', env, url });
}

export interface Customer {
  slug: string;
  ownerId: string;
  apiKey: string;
  apiKeyId: string;
}

/** Creates a workspace with an owner and an API key. */
export async function createCustomer(env: Record<string, string>): Promise<Customer> {
  const { slug, id } = await newOwner('Acme', env);
  const { key, id: apiKeyId } = await newApiKey(slug, 'engine', env);
  return { slug, ownerId: id, apiKey: key, apiKeyId };
}

export async function mintInternal(
  url: string,
  apiKey: string,
  options: { body?: object; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Headers; body: MintResponse & { code?: string; detail?: string } }> {
  const response = await fetch(`${url}/api/v1/internal/github/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...options.headers },
    body: JSON.stringify(options.body ?? {}),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
