import { waitAtMost } from '../async';
import { startAnchorLoop } from '../audit/anchor';
import { getConfig, isProductionBuild } from '../config';
import { assertAppIdentity } from '../db/app-identity';
import { assertAppRole } from '../db/app-role';
import { reportDurability } from '../db/durability';
import { identifyApp } from '../github/app-info';
import { strictTransportSecurity } from '../http/page-security';
import { captureOutput } from '../observability/capture-output';
import { log } from '../observability/log';
import { startReconcileLoop } from '../sync/reconcile';
import { endConnections } from './end-connections';
import { stampRequests } from './stamp-requests';

/**
 * Starts what the app needs, and checks what must be true before the first request. If a check fails, logs the reason
 * and exits.
 */
export async function startServer(): Promise<void> {
  // In development, leave the output alone, because Next's dev server prints coloured text for people.
  if (isProductionBuild()) captureOutput();
  try {
    const config = getConfig();
    log.level = config.logLevel;
    stampRequests({ strictTransportSecurity: strictTransportSecurity(config) });
    endConnections();
    exitCleanlyOnSigterm();
    await assertAppRole(config);
    await assertAppIdentity();
    await reportDurability();
    await exitIfGitHubRejectsApp();
    startReconcileLoop();
    startAnchorLoop();
    log.info({ environment: config.environment, githubAppId: config.github.appId }, 'ready to serve');
  } catch (error) {
    // Exit, because after a thrown error Next would keep running without the parts that did not start.
    log.fatal({ err: error }, error instanceof Error ? error.message : 'could not start');
    process.exit(1);
  }
}

/**
 * Exits with 0 on SIGTERM. On its own, Next would finish the requests in flight but then exit with 143, as if it had
 * been killed.
 */
function exitCleanlyOnSigterm(): void {
  process.once('exit', (code) => {
    if (code === 143) process.exitCode = 0;
  });
}

/** The longest that starting up waits for GitHub. A rejection that arrives later still ends the process. */
const GITHUB_WAIT_MS = 2000;

/**
 * Exits if the client id or the key does not belong to `GITHUB_APP_ID`, in which case every installation would look
 * uninstalled. If GitHub cannot be reached now, the app repeats the check before it trusts any 404.
 */
async function exitIfGitHubRejectsApp(): Promise<void> {
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
  await waitAtMost(verdict, GITHUB_WAIT_MS);
}
