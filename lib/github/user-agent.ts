/** Sent with every request to GitHub, which requires one. The offline GitHub holds requests with it to GitHub's description. */
export const USER_AGENT = 'pulsestream-github-control-plane';
