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
