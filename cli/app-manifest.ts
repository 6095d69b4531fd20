/** GitHub's own limit. */
export const MAX_APP_NAME = 34;

/**
 * The GitHub App as this product needs it: two read permissions and nothing else (C10).
 *
 * @param origin public origin of this environment; GitHub refuses webhook URLs that it cannot reach
 * @param redirectUrl where GitHub sends the browser with the code, once the App is made
 * @see https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
export function appManifest(name: string, origin: string, redirectUrl: string) {
  return {
    name,
    url: origin,
    redirect_url: redirectUrl,
    hook_attributes: { url: `${origin}/api/github/webhooks`, active: true },
    callback_urls: [`${origin}/api/github/callback`],
    setup_url: `${origin}/api/github/setup`,
    setup_on_update: true,
    // On, GitHub would run the authorization itself, without our state and without PKCE.
    request_oauth_on_install: false,
    public: true,
    default_permissions: { contents: 'read', metadata: 'read' },
    default_events: ['repository'],
  };
}
