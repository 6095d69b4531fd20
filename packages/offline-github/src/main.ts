import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startOfflineGitHub } from './start';

/** `npx tsx packages/offline-github/src/main.ts --port N`: prints one line of JSON when it listens, without any secret. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    'api-base-path': { type: 'string', default: '/api/v3' },
    'web-base-path': { type: 'string', default: '' },
    'data-dir': { type: 'string' },
    /** A file for the App's settings, secrets included; readable by its owner only. */
    'write-app': { type: 'string' },
  },
});
const dataDir = values['data-dir'];
const github = await startOfflineGitHub({
  port: Number(values.port),
  host: values.host,
  apiBasePath: values['api-base-path'],
  webBasePath: values['web-base-path'],
  ...(dataDir !== undefined && { dataDir }),
});
const { id, slug, name, clientId } = github.app;
if (values['write-app'] !== undefined) {
  await writeFile(values['write-app'], JSON.stringify(github.app, null, 2), { mode: 0o600 });
}
console.log(
  JSON.stringify({ webUrl: github.webUrl, apiUrl: github.apiUrl, app: { id, slug, name, clientId } }),
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void github.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exit(1);
      },
    );
  });
}
