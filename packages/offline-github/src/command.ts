import { parseArgs } from 'node:util';
import type { AppSettings } from './settings';
import type { OfflineGitHubOptions } from './start';

export const USAGE = `offline-github starts a GitHub on this machine.

  --port N               port; without it any free one
  --host ADDRESS         address to listen on, 127.0.0.1 by default. It lets in whoever reaches it
  --state FOLDER         keeps App, accounts, installations and git repositories from one start to the next
  --webhook-url URL      where deliveries are sent
  --setup-url URL        where the browser goes after an installation
  --callback-url URL     where the browser goes after authorization; may be given several times
  --api-base-path PATH   /api/v3 by default
  --web-base-path PATH   none by default
  --client-id ID         the App's client id; random by default
  --json                 prints one line of JSON, without secrets
  --write-app FILE       writes the App's settings with its secrets, readable by its owner only
  --secrets FOLDER       writes each of the App's secrets to a file named after its variable, readable by its owner only
  --help                 prints this
`;

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  state: { type: 'string' },
  'webhook-url': { type: 'string' },
  'setup-url': { type: 'string' },
  'callback-url': { type: 'string', multiple: true },
  'api-base-path': { type: 'string' },
  'web-base-path': { type: 'string' },
  'client-id': { type: 'string' },
  json: { type: 'boolean' },
  'write-app': { type: 'string' },
  secrets: { type: 'string' },
  help: { type: 'boolean' },
} as const;

export class UsageError extends Error {}

export interface Command {
  options: OfflineGitHubOptions;
  help: boolean;
  json: boolean;
  writeApp: string | undefined;
  secretsFolder: string | undefined;
}

/** @throws {UsageError} for an unknown flag, a positional argument, or an invalid port or URL */
export function parseCommand(args: string[]): Command {
  const given = parse(args);
  const app: Partial<AppSettings> = {
    ...(given['client-id'] !== undefined && { clientId: given['client-id'] }),
    ...(given['webhook-url'] !== undefined && { webhookUrl: url('webhook-url', given['webhook-url']) }),
    ...(given['setup-url'] !== undefined && { setupUrl: url('setup-url', given['setup-url']) }),
    ...(given['callback-url'] && {
      callbackUrls: given['callback-url'].map((each) => url('callback-url', each)),
    }),
  };
  return {
    options: {
      app,
      ...(given.port !== undefined && { port: port(given.port) }),
      ...(given.host !== undefined && { host: given.host }),
      ...(given.state !== undefined && { stateFolder: given.state }),
      ...(given['api-base-path'] !== undefined && { apiBasePath: given['api-base-path'] }),
      ...(given['web-base-path'] !== undefined && { webBasePath: given['web-base-path'] }),
    },
    help: given.help ?? false,
    json: given.json ?? false,
    writeApp: given['write-app'],
    secretsFolder: given.secrets,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) throw new UsageError(`--port: ${text} is not a port`);
  return number;
}

function url(flag: string, text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new UsageError(`--${flag}: ${text} is not an http or https URL`);
  return text;
}

/** Returns the App's secrets by the variables that a client has them in. */
export function secretsOf(app: AppSettings): Record<string, string> {
  return {
    GITHUB_APP_CLIENT_SECRET: app.clientSecret,
    GITHUB_APP_PRIVATE_KEY: app.privateKey,
    GITHUB_WEBHOOK_SECRET: app.webhookSecret,
  };
}

/** Returns the environment variables that configure a client of this GitHub App, one per line, including secrets. */
export function environmentOf(webUrl: string, apiUrl: string, app: AppSettings): string {
  const variables = {
    GITHUB_WEB_URL: webUrl,
    GITHUB_API_URL: apiUrl,
    GITHUB_APP_ID: String(app.id),
    GITHUB_APP_SLUG: app.slug,
    GITHUB_APP_CLIENT_ID: app.clientId,
    GITHUB_APP_CLIENT_SECRET: app.clientSecret,
    GITHUB_WEBHOOK_SECRET: app.webhookSecret,
    GITHUB_APP_PRIVATE_KEY: JSON.stringify(app.privateKey),
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}
