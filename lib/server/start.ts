import { waitAtMost } from '../async';
import { startAnchorLoop } from '../audit/anchor';
import { type Config, isProductionBuild, shareConfig } from '../config';
import { assertAppIdentity } from '../db/app-identity';
import { assertAppRole } from '../db/app-role';
import { reportDurability } from '../db/durability';
import { assertPreparedStatements } from '../db/prepared';
import { identifyApp } from '../github/app-info';
import { strictTransportSecurity } from '../http/page-security';
import { captureOutput } from '../observability/capture-output';
import { log } from '../observability/log';
import { startReconcileLoop } from '../sync/reconcile';
import { giveWayToRequests } from '../turns';
import { endConnections } from './end-connections';
import { afterFirstResponse, loadFirstEntries } from './load-entries';
import { applyPageStatus } from './page-status';
import { rememberKeysInUse } from './remember-keys';
import { startSecretRotation } from './rotate-secrets';
import { stampRequests } from './stamp-requests';
import { zeroCounters } from './zero-counters';

/**
 * Starts everything the app needs, and checks what must be true before the first request. If a check fails, logs the
 * reason and exits.
 */
export async function startServer(): Promise<void> {
  // Leave the output alone in development: Next's dev server prints coloured text meant for people.
  if (isProductionBuild()) captureOutput();
  try {
    const config = shareConfig();
    log.level = config.logLevel;
    await startTracingIfConfigured(config);
    zeroCounters();
    stampRequests({ strictTransportSecurity: strictTransportSecurity(config) });
    applyPageStatus();
    endConnections();
    giveWayToRequests();
    exitCleanlyOnSigterm();
    // GitHub answers, and the database does, while the code is being loaded.
    const identity = identifyApp();
    identity.catch(() => {});
    const [, loadRest] = await Promise.all([
      checkDatabase(config),
      isProductionBuild() && loadFirstEntries(),
    ]);
    await exitIfGitHubRejectsApp(identity);
    if (loadRest) afterFirstResponse(() => void loadRest());
    void rememberKeysInUse();
    startReconcileLoop();
    startAnchorLoop();
    startSecretRotation();
    log.info({ environment: config.environment, githubAppId: config.github.appId }, 'ready to serve');
  } catch (error) {
    // Exit rather than rethrow: after an error here, Next would keep running without the parts that didn't start.
    log.fatal({ err: error }, error instanceof Error ? error.message : 'could not start');
    process.exit(1);
  }
}

async function checkDatabase(config: Config): Promise<void> {
  await assertAppRole(config);
  await assertAppIdentity();
  await assertPreparedStatements(config);
  await reportDurability();
}

async function startTracingIfConfigured({ otlpEndpoint, environment }: Config): Promise<void> {
  if (otlpEndpoint === undefined) return;
  const { startTracing } = await import('./trace-export');
  startTracing(otlpEndpoint, environment);
}

/**
 * Exits with 0 on SIGTERM. By itself, Next finishes the requests in flight but then exits with 143, as if it had been
 * killed.
 */
function exitCleanlyOnSigterm(): void {
  process.once('exit', (code) => {
    if (code === 143) process.exitCode = 0;
  });
}

/** The longest that startup waits for GitHub. If GitHub rejects the App later than that, the process still exits. */
const GITHUB_WAIT_MS = 2000;

/**
 * Exits if the client id or the key doesn't belong to `GITHUB_APP_ID`, because then every installation would appear to
 * be uninstalled. If GitHub can't be reached right now, the app repeats the check before it trusts any 404.
 */
async function exitIfGitHubRejectsApp(asked: ReturnType<typeof identifyApp>): Promise<void> {
  const verdict = asked.then(
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
