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

/** Checks everything that must hold before the first request. The process exits with the reason when a check fails. */
export async function startServer(): Promise<void> {
  // Next's dev server prints coloured text for a person.
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
    // A thrown error would leave Next running without the parts that did not start.
    log.fatal({ err: error }, error instanceof Error ? error.message : 'could not start');
    process.exit(1);
  }
}

/** Exits with 0 on SIGTERM. Next finishes requests in flight, and then exits with 128 + 15 as if it had been killed. */
function exitCleanlyOnSigterm(): void {
  process.once('exit', (code) => {
    if (code === 143) process.exitCode = 0;
  });
}

/** The longest time that a start waits for GitHub. A later refusal still ends the process. */
const GITHUB_WAIT_MS = 2000;

/**
 * Exits when the client id or the key does not belong to `GITHUB_APP_ID`: every installation would look
 * uninstalled. If GitHub is unreachable now, the check is repeated before any 404 is believed.
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
