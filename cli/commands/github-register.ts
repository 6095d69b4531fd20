import { z } from 'zod';
import { USER_AGENT } from '../../lib/github/app';
import { fetchOutgoing, openConnections } from '../../lib/github/connections';
import { appManifest, MAX_APP_NAME } from '../app-manifest';
import { command, UsageError } from '../command';
import { assertAliasIsFree, importKey, readAppKey } from '../import-key';
import { askInBrowser } from '../registration-page';
import { assertCanWrite, type SecretFile, writeSecretFile } from '../secret-file';
import { KeyAlias } from './kms-import';

const origin = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

const GITHUB_COM = { web: 'https://github.com', api: 'https://api.github.com' };

/** GitHub creates a key pair before it responds. */
const CONVERSION_TIMEOUT_MS = 30_000;

const Conversion = z.object({
  id: z.int(),
  slug: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  webhook_secret: z.string(),
  pem: z.string(),
});

/**
 * Registers an App from a manifest. The operator clicks a button in a browser on this machine. Then the command prints
 * the App's secrets once, as configuration variables for the operator's secret store, or writes them to a file of the
 * operator's choice. It stores GitHub's code nowhere, because the code alone is enough to get the private key.
 */
export const githubRegister = command({
  summary:
    'Register a GitHub App for this environment; prints its variables, secrets included, for a secret store',
  usage:
    '--name NAME --url https://pulsestream.example [--organization ORG] [--output FILE.env|FILE.yaml [--encrypt sops]] ' +
    '[--kms-alias alias/NAME] [--web-url URL] [--api-url URL] [--port N]',
  isOffline: () => true,
  options: z.strictObject({
    name: z.string().min(1).max(MAX_APP_NAME),
    url: origin,
    organization: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,39}$/)
      .optional(),
    output: z.string().min(1).optional(),
    encrypt: z.literal('sops').optional(),
    'kms-alias': KeyAlias.optional(),
    'web-url': origin.default(GITHUB_COM.web),
    'api-url': origin.default(GITHUB_COM.api),
    port: z
      .string()
      .regex(/^\d{1,5}$/)
      .default('0')
      .transform(Number),
  }),
  async run({ name, url, organization, output, encrypt, ...options }) {
    const file = output === undefined ? undefined : { path: output, encryptsBySops: encrypt === 'sops' };
    if (encrypt !== undefined && file === undefined) throw new UsageError('--encrypt: needs --output');
    if (file !== undefined) await assertCanWrite(file);
    if (options['kms-alias'] !== undefined) await assertAliasIsFree(options['kms-alias']);
    const owner = organization === undefined ? '' : `/organizations/${organization}`;
    const code = await askInBrowser(options.port, (redirectUrl, state) => ({
      action: `${options['web-url']}${owner}/settings/apps/new?${new URLSearchParams({ state })}`,
      manifest: JSON.stringify(appManifest(name, url, redirectUrl)),
    }));
    const { ids, secrets, pem } = await convert(options['api-url'], code);
    const server = serverOf(options['web-url'], options['api-url']);
    return handOver({ ...ids, ...server }, secrets, pem, file, options['kms-alias']);
  },
});

type Variables = Record<string, string>;

/** Returns the variables that lead the app to the GitHub that has the App, or none for github.com. */
function serverOf(webUrl: string, apiUrl: string): Variables {
  return webUrl === GITHUB_COM.web ? {} : { GITHUB_WEB_URL: webUrl, GITHUB_API_URL: apiUrl };
}

/**
 * Gives the App's variables to the operator, and its key to KMS if asked to. The secrets are written first. If KMS then
 * fails, only the key is lost, and GitHub issues another.
 *
 * @returns the variables to print; secrets only without a file
 */
async function handOver(
  ids: Variables,
  secrets: Variables,
  pem: string,
  file: SecretFile | undefined,
  alias: string | undefined,
): Promise<Variables> {
  const key = alias === undefined ? { GITHUB_APP_PRIVATE_KEY: pem } : {};
  const isEnvFile = file !== undefined && !file.encryptsBySops && file.path.endsWith('.env');
  if (file !== undefined) {
    try {
      await writeSecretFile(file, { ...(isEnvFile ? ids : {}), ...secrets, ...key });
    } catch (error) {
      console.log(JSON.stringify(ids));
      throw new Error(
        `The App is registered, but its secrets were not written: ${messageOf(error)}\n` +
          'Generate a private key and a client secret, and set a webhook secret, in the App’s settings on GitHub. ' +
          'Or delete the App there, and start again.',
      );
    }
  }
  const printed = file === undefined ? { ...ids, ...secrets, ...key } : { ...ids, file: file.path };
  if (alias === undefined) return printed;
  try {
    const { arn } = await importKey(readAppKey(pem), alias);
    return { ...printed, GITHUB_APP_KMS_KEY_ID: arn };
  } catch (error) {
    console.log(JSON.stringify(printed));
    throw new Error(
      `The App is registered, but KMS did not take its key: ${messageOf(error)}\n` +
        'Generate another private key in the App’s settings on GitHub, and import it: kms:import.',
    );
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * Exchanges the code for the App's secrets.
 *
 * @returns the App's configuration variables
 * @throws {Error} with a message that contains neither the code nor GitHub's response, because either could reveal a
 *   secret
 */
async function convert(
  apiUrl: string,
  code: string,
): Promise<{ ids: Variables; secrets: Variables; pem: string }> {
  const response = await fetchOutgoing(
    `${apiUrl}/app-manifests/${encodeURIComponent(code)}/conversions`,
    {
      method: 'POST',
      headers: { accept: 'application/vnd.github+json', 'user-agent': USER_AGENT },
      signal: AbortSignal.timeout(CONVERSION_TIMEOUT_MS),
    },
    { connections: openConnections(CONVERSION_TIMEOUT_MS) },
  );
  const parsed = Conversion.safeParse(parseJson(await response.text()));
  if (!parsed.success)
    throw new Error(`GitHub did not hand over the App (status ${response.status}). Start again.`);
  const app = parsed.data;
  return {
    ids: {
      GITHUB_APP_ID: String(app.id),
      GITHUB_APP_SLUG: app.slug,
      GITHUB_APP_CLIENT_ID: app.client_id,
    },
    secrets: {
      GITHUB_APP_CLIENT_SECRET: app.client_secret,
      GITHUB_WEBHOOK_SECRET: app.webhook_secret,
    },
    pem: app.pem,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
