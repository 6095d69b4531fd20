/** The `offline-github` command. Starts a GitHub, prints how to reach it, and ends on Ctrl-C or SIGTERM. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, environmentOf, parseCommand, secretsOf, USAGE, UsageError } from './command';
import type { AppSettings } from './settings';
import { startOfflineGitHub } from './start';

const command = read(process.argv.slice(2));
if (command?.help) console.log(USAGE);
else if (command) await run(command);

function read(args: string[]): Command | undefined {
  try {
    return parseCommand(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}

async function run({ options, json, writeApp, secretsFolder }: Command): Promise<void> {
  const github = await startOfflineGitHub(options);
  endOnSignal(() => github.close());
  const { webUrl, apiUrl, app } = github;
  if (writeApp !== undefined) await writeFile(writeApp, JSON.stringify(app, null, 2), { mode: 0o600 });
  if (secretsFolder !== undefined) await writeSecrets(secretsFolder, app);
  if (json) {
    const { id, slug, name, clientId } = app;
    console.log(JSON.stringify({ webUrl, apiUrl, app: { id, slug, name, clientId } }));
    return;
  }
  console.log(environmentOf(webUrl, apiUrl, app));
  const people = [...github.state.accounts.values()].filter(({ type }) => type === 'User').slice(0, 10);
  // Write to stderr, because stdout may be redirected to an env file.
  console.error(
    `\nGitHub listens on ${webUrl}. Install the App: ${webUrl}/apps/${app.slug}/installations/new`,
  );
  console.error(`Sign in as ${people.map(({ login }) => login).join(', ')}; no password. Ctrl-C ends it.`);
}

async function writeSecrets(folder: string, app: AppSettings): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, value] of Object.entries(secretsOf(app))) {
    // A client may read at any time, so each file is complete when it appears. A client ignores the lower-case name.
    const fresh = join(folder, `${name.toLowerCase()}.new`);
    await writeFile(fresh, value, { mode: 0o600 });
    await rename(fresh, join(folder, name));
  }
}

function endOnSignal(close: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      close().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error instanceof Error ? error.message : error);
          process.exit(1);
        },
      );
    });
  }
}
