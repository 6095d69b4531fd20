/** Sent with every request to GitHub, which requires one. The local GitHub recognises the app's requests by it. */
export const USER_AGENT = 'pulsestream-github-control-plane';
