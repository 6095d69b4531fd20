/** Playwright's global set-up. Starts the services and the app's production build. */
import { writeFile } from 'node:fs/promises';
import { ensureBuild } from '../app/build';
import { startAppServer } from '../app/server';
import { OWN_PORTS } from '../process/free-port';
import { startServices } from '../services';
import { startSigningIssuer } from '../services/workload-issuer';

export default async function setUp(): Promise<() => Promise<void>> {
  await ensureBuild({ quiet: true });
  const issuer = await startSigningIssuer();
  // Raise the rate limits, because tests start more flows per minute from one IP address than people do.
  const services = await startServices({
    port: OWN_PORTS,
    env: { ...E2E_ENVIRONMENT, WORKLOAD_ISSUERS: issuer.url },
  });
  try {
    const app = await startAppServer({ mode: 'start', env: services.env });
    Object.assign(process.env, {
      E2E_APP_URL: services.appUrl,
      E2E_GITHUB_URL: services.github.webUrl,
      E2E_ISSUER_URL: issuer.url,
      // For tests that start a server of their own (e2e/server/own-server.ts).
      E2E_POSTGRES: JSON.stringify({
        server: services.postgres.server,
        template: await services.postgres.migratedTemplate(),
      }),
      // The app's environment, for the CLI and for tests that read the database.
      E2E_APP_ENV: JSON.stringify(services.env),
    });
    return async () => {
      if (process.env.E2E_APP_LOG) await writeFile(process.env.E2E_APP_LOG, app.log());
      await app.stop();
      await services.close();
      await issuer.stop();
    };
  } catch (error) {
    await services.close();
    await issuer.stop();
    throw error;
  }
}

const E2E_ENVIRONMENT = { RATE_LIMIT_USER_PER_MINUTE: '1000', RATE_LIMIT_INTERNAL_PER_MINUTE: '1000' };
