/** GitHub's limit on the length of an App's name, in characters. */
export const MAX_APP_NAME = 34;

/**
 * Returns the manifest of the GitHub App, which requests two read permissions and nothing else.
 *
 * @param origin this environment's public origin; GitHub rejects a webhook URL that isn't reachable from the internet
 * @param redirectUrl the URL that GitHub redirects the browser to, with a code, once the App has been created
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
    // Keep this `false`: otherwise, GitHub would start the authorization itself, without our state and without PKCE.
    request_oauth_on_install: false,
    public: true,
    default_permissions: { contents: 'read', metadata: 'read' },
    default_events: ['repository'],
  };
}
