import type { JsonSchema } from '@/lib/contract/json-schema';
import type { DocumentedOperation } from '@/lib/openapi/document';

/** The header that carries each credential, and the shell variable that holds the secret. */
const SECRETS: Record<string, { header: string; variable: string }> = {
  apiKey: { header: 'Authorization: Bearer %s', variable: 'PULSESTREAM_API_KEY' },
  userJwt: { header: 'Authorization: Bearer %s', variable: 'USER_JWT' },
  session: { header: 'Cookie: next-auth.session-token=%s', variable: 'SESSION' },
  cronSecret: { header: 'Authorization: Bearer %s', variable: 'CRON_SECRET' },
  metricsToken: { header: 'Authorization: Bearer %s', variable: 'METRICS_TOKEN' },
};

export type CurlSample = {
  url: string;
  method: string;
  operation: Pick<DocumentedOperation, 'security' | 'requestBody'>;
  /** The schema of the request body, and of the response. */
  sent: JsonSchema | null;
  answered: JsonSchema | null;
};

const has = (schema: JsonSchema | null, ...fields: string[]) =>
  fields.some((field) => schema?.properties?.[field] !== undefined);

/**
 * Returns the command that calls an operation. Secrets reach curl by standard input, because every user of a machine
 * sees its command lines. `printf` is a part of the shell, so it has none. A response with a secret goes into a
 * variable and not onto the screen.
 */
export function curlCommand({ url, method, operation, sent, answered }: CurlSample): string {
  const [scheme = ''] = Object.keys(operation.security[0] ?? {});
  const secret = SECRETS[scheme];
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const sendsToken = has(sent, 'token');
  const parts = [
    `curl -sS${method === 'get' ? '' : ` -X ${method.toUpperCase()}`}`,
    ...(secret === undefined ? [] : [sendsToken ? '--config -' : '-H @-']),
    ...(type === 'application/json' ? [`-H 'Content-Type: ${type}'`] : []),
    ...(content === undefined || sendsToken ? [] : [`-d '${bodyOf(type, content.example)}'`]),
    ...(scheme === 'webhookSignature' ? ['-H "X-Hub-Signature-256: sha256=$SIGNATURE"'] : []),
    url.includes('$') ? `"${url}"` : url,
  ];
  const command = [...(secret === undefined ? [] : [input(secret, sendsToken)]), parts.join(' \\\n  ')].join(
    ' |\n',
  );
  return has(answered, 'token', 'key') ? `RESPONSE=$(${command})` : command;
}

/** Returns the part that writes the secrets to curl's standard input, as a header or as lines of a configuration. */
function input({ header, variable }: { header: string; variable: string }, sendsToken: boolean): string {
  if (!sendsToken) return `printf '${header}' "$${variable}"`;
  return `printf 'header = "${header}"\\ndata = "{\\\\"token\\\\":\\\\"%s\\\\"}"\\n' "$${variable}" "$GITHUB_TOKEN"`;
}

function bodyOf(type: string | undefined, example: unknown): string {
  const text =
    type === 'application/json'
      ? JSON.stringify(example)
      : new URLSearchParams(example as Record<string, string>).toString();
  return text.replaceAll("'", "'\\''");
}
