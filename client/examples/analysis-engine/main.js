/** Prints the languages of every repository that the engine may read. See README.md. */
import { constants } from 'node:os';
import { createClient } from 'pulsestream';
import { analyse } from './analyse.js';
import { formatReport } from './report.js';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    process.exitCode = 128 + constants.signals[signal];
    interrupted.abort(new Error(`interrupted by ${signal}`));
  });

try {
  const { url, workspace, auth, parallel } = readSettings(process.env);
  const client = createClient({ url, workspace, auth, userAgent: 'analysis-engine/0.1' });
  let failed = 0;
  await analyse(client, {
    parallel,
    signal: interrupted.signal,
    onResult: (result) => {
      if (result.error) failed += 1;
      console.log(formatReport(result));
    },
  });
  if (failed > 0) process.exitCode = 1;
} catch (error) {
  console.error(`analysis-engine: ${error.message}`);
  process.exitCode ||= 2;
}

/** The engine proves who it is by an identity token only. It has no key that could be stolen. */
function readSettings(env) {
  const {
    PULSESTREAM_URL: url,
    PULSESTREAM_WORKSPACE: workspace,
    PULSESTREAM_IDENTITY_TOKEN_FILE: file,
  } = env;
  if (!url || !workspace) throw new Error('Set PULSESTREAM_URL and PULSESTREAM_WORKSPACE.');
  const parallel = Number(env.PARALLEL_CLONES || 4);
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 64)
    throw new Error('PARALLEL_CLONES is a number from 1 to 64.');
  return {
    url,
    workspace,
    parallel,
    auth: file ? { identityTokenFile: file } : { ambient: 'github-actions' },
  };
}
