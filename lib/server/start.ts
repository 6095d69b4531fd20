import { setTimeout as sleep } from 'node:timers/promises';
import { startAnchorLoop } from '../audit/anchor';
import { getConfig, isProductionBuild } from '../config';
import { assertAppIdentity } from '../db/app-identity';
import { assertAppRole } from '../db/app-role';
import { reportDurability } from '../db/durability';
import { identifyApp } from '../github/app-info';
import { strictTransportSecurity } from '../http/page-security';
import { captureOutput } from '../observability/capture-output';
import { log } from '../observability/log';
import { startReconcileLoop } from '../sync/reconcile-loop';
import { endConnections } from './end-connections';
import { stampRequests } from './stamp-requests';

/** Everything that has to hold before the first request; if something does not, the process ends and says what. */
export async function startServer(): Promise<void> {
  // Next's dev server prints for a person, in colours.
  if (isProductionBuild()) captureOutput();
  try {
    const config = getConfig();
    log.level = config.logLevel;
    stampRequests({ strictTransportSecurity: strictTransportSecurity(config) });
    endConnections();
    endWellOnSigterm();
    await assertAppRole(config);
    await assertAppIdentity();
    await reportDurability();
    await endUnlessGitHubKnowsUs();
    startReconcileLoop();
    startAnchorLoop();
    log.info({ environment: config.environment, githubAppId: config.github.appId }, 'ready to serve');
  } catch (error) {
    // Thrown errors would leave Next running without what was not started.
    log.fatal({ err: error }, error instanceof Error ? error.message : 'could not start');
    process.exit(1);
  }
}

/** Next lets requests in flight finish on SIGTERM, and then ends with 128 + 15 as if it had been killed. */
function endWellOnSigterm(): void {
  process.once('exit', (code) => {
    if (code === 143) process.exitCode = 0;
  });
}

/** A start waits no longer than this for GitHub, in milliseconds; a refusal that comes later ends the process then. */
const PATIENCE_WITH_GITHUB_MS = 2000;

/**
 * The client id and the key have to be those of `GITHUB_APP_ID` (C17): with another App's, every installation would
 * look uninstalled. A GitHub that cannot be asked now is asked again before anything is believed to be gone.
 */
async function endUnlessGitHubKnowsUs(): Promise<void> {
  const verdict = identifyApp().then(
    (identity) => {
      if (identity === 'unknown')
        log.error('GITHUB_API_URL does not answer like GitHub: no 404 of it is believed');
      if (identity !== 'not_ours') return;
      log.fatal(
        'GITHUB_APP_CLIENT_ID and the private key are not those of the App GITHUB_APP_ID at GITHUB_API_URL',
      );
      process.exit(1);
    },
    (error: unknown) => log.warn({ err: error }, 'GitHub could not be asked which App this is'),
  );
  await Promise.race([verdict, sleep(PATIENCE_WITH_GITHUB_MS, undefined, { ref: false })]);
}
