import { startAnchorLoop } from '../audit/anchor';
import { getConfig } from '../config';
import { startReconcileLoop } from '../connection/reconcile-loop';
import { assertAppIdentity } from '../db/app-identity';
import { log } from '../observability/log';
import { stampRequests } from './stamp-requests';

/** Everything that has to hold before the first request; if something does not, the process ends and says what. */
export async function startServer(): Promise<void> {
  try {
    const config = getConfig();
    log.level = config.logLevel;
    stampRequests();
    endWellOnSigterm();
    await assertAppIdentity();
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
