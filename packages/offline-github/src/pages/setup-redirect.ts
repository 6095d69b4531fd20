import type { World } from '../world';

/**
 * Returns the App's Setup URL with its query, or null if GitHub would not redirect there. The query has no
 * `installation_id` after a `request`, and no `state` after an install that began on GitHub.
 * https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/about-the-setup-url
 */
export function setupUrl(
  world: World,
  action: 'install' | 'update' | 'request',
  given: { installationId?: number; state?: string | null },
): string | null {
  const { setupUrl: base, setupOnUpdate } = world.settings;
  if (base === null || (action === 'update' && !setupOnUpdate)) return null;
  const url = new URL(base);
  if (given.installationId !== undefined)
    url.searchParams.set('installation_id', String(given.installationId));
  url.searchParams.set('setup_action', action);
  if (given.state) url.searchParams.set('state', given.state);
  return url.toString();
}
