/**
 * Makes one call by each client that leaves this process, and prints the results as JSON. `outgoing-calls.test.ts` runs
 * it as a process of its own, because Node reads the variables of TLS only at its start.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { importKey, readAppKey } from '../../cli/import-key';
import { authorizationOrigins } from '../auth/authorization-origin';
import { signInProviders } from '../auth/providers';
import { getConfig } from '../config';
import { fetchOutgoing } from '../github/connections';
import { createSigners } from '../github/signers';
import { inSpan, tracing } from '../observability/tracing';
import { connectUpstash } from '../rate-limit/store';
import { startTracing } from '../server/trace-export';
import { readIssuer } from '../workload/discovery';

const DEADLINE_MS = 20_000;

const config = getConfig();
const { redis } = config;

/** The client of next-auth, which is not among its exports. */
type OpenIdClient = {
  issuer: { metadata: { authorization_endpoint: string } };
  grant(parameters: Record<string, string>): Promise<unknown>;
};
const require = createRequire(import.meta.url);
const { openidClient }: { openidClient(options: object): Promise<OpenIdClient> } = require(
  path.join(path.dirname(require.resolve('next-auth')), 'core/lib/oauth/client.js'),
);

/** Reads the provider's discovery document and exchanges a code, as next-auth does in a sign-in. */
async function signIn(): Promise<string> {
  const provider = signInProviders(config).find(({ id }) => id === 'oidc');
  const callbackUrl = `${config.publicUrl}/api/auth/callback/oidc`;
  const client = await openidClient({ provider: { ...provider, callbackUrl } });
  // The stand-in refuses the code. It only matters that the request arrives.
  await client
    .grant({ grant_type: 'authorization_code', code: 'code', redirect_uri: callbackUrl })
    .catch(() => {});
  return client.issuer.metadata.authorization_endpoint;
}

const CALLS: Record<string, () => Promise<unknown>> = {
  github: async () => (await fetchOutgoing(`${config.github.apiUrl}/meta`, {})).status,
  discovery: async () => {
    // It waits two seconds only, and goes on reading.
    for (let attempt = 0; attempt < 50; attempt++) {
      const origins = await authorizationOrigins(config);
      if (origins.length > 1) return origins;
      await sleep(100);
    }
    return [];
  },
  signIn,
  workloadIssuer: async () => (await readIssuer(config.workload.issuers[0] ?? '')).keys.size,
  upstash: async () => {
    if (redis.kind !== 'upstash') return 'not configured';
    const store = connectUpstash(redis, DEADLINE_MS);
    await store.ping();
    return 'pong';
  },
  kms: async () => (await createSigners({ kind: 'kms', keyIds: ['alias/app'] })[0]?.('text'))?.length,
  traces: async () => {
    startTracing(config.otlpEndpoint ?? '', config.environment);
    await inSpan(
      'server',
      () => ({ name: 'outgoing' }),
      async () => {},
    );
    await tracing.tracer?.flush();
    return 'flushed';
  },
  kmsImport: async () => {
    const alias = `alias/new-${randomUUID()}`;
    return (await importKey(readAppKey(process.env.IMPORT_PEM ?? ''), alias)).alias === alias;
  },
};

/** Repeats a call that its deadline ended, because on a busy machine even a local server may take seconds. */
async function resultOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    let cause = error;
    while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
    return /in time|time(?:d )?out|aborted/i.test(String(cause)) ? resultOf(call) : String(cause);
  }
}

const results: Record<string, unknown> = {};
for (const [name, call] of Object.entries(CALLS)) results[name] = await resultOf(call);
console.log(JSON.stringify(results));
process.exit(0);
