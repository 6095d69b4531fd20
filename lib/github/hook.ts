import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';

/** The App's webhook as GitHub has it. GitHub never returns the secret itself. */
export type HookConfig = {
  url: string | undefined;
  contentType: string;
  verifiesTls: boolean;
  hasSecret: boolean;
};

const Answer = z.object({
  url: z.string().optional(),
  content_type: z.string().default('form'),
  insecure_ssl: z.union([z.string(), z.number()]).default('0').transform(String),
  secret: z.string().optional(),
});

/**
 * Reads the configuration of the App's webhook.
 *
 * @throws {GitHubError} `not_found` if the App has no webhook
 * @see https://docs.github.com/en/rest/apps/webhooks#get-a-webhook-configuration-for-an-app
 */
export async function readHookConfig(): Promise<HookConfig> {
  const { data, status } = await callGitHub(
    { as: 'app' },
    'GET /app/hook/config',
    {},
    { asksIfExists: true },
  );
  const parsed = Answer.safeParse(data);
  if (!parsed.success) throw unexpectedAnswer('GET /app/hook/config', status);
  const { url, content_type: contentType, insecure_ssl: insecure, secret } = parsed.data;
  return {
    url,
    contentType,
    verifiesTls: insecure === '0',
    hasSecret: secret !== undefined && secret !== '',
  };
}
