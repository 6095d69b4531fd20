import { restDocument, webhooksDocument } from './documents';
import { standalone } from './json-schema';
import { violations } from './validator';

const text = { type: 'string' };
const url = { type: 'string', format: 'uri' };
const flag = { type: 'boolean' };
const closed = { type: 'object', additionalProperties: false };

/**
 * Describes a manifest. GitHub documents its fields in prose only. Permissions are those of GitHub's OpenAPI description,
 * and events those of its webhooks that an App gets.
 * https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest#github-app-manifest-parameters
 */
function manifestSchema(): object {
  const permissions = restDocument().components.schemas['app-permissions'];
  const events = Object.values(webhooksDocument().webhooks)
    .map(({ post }) => post['x-github'])
    .filter((webhook) => webhook['supported-webhook-types'].includes('app'))
    .map(({ subcategory }) => subcategory.replaceAll('-', '_'));
  return {
    ...closed,
    required: ['url'],
    properties: {
      name: text,
      url,
      hook_attributes: { ...closed, required: ['url'], properties: { url, active: flag } },
      redirect_url: url,
      callback_urls: { type: 'array', maxItems: 10, items: url },
      setup_url: url,
      description: text,
      public: flag,
      default_events: { type: 'array', items: { enum: [...new Set(events)] } },
      default_permissions: { ...permissions, additionalProperties: false },
      request_oauth_on_install: flag,
      setup_on_update: flag,
    },
  };
}

/**
 * Checks a manifest against GitHub's documentation.
 *
 * @returns the violations, human-readable; empty if there are none
 */
export function checkManifest(manifest: unknown): string[] {
  return violations('manifest', () => standalone(restDocument().components, manifestSchema()), manifest);
}
