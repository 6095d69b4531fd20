import { getConfig } from '../config';

/** The addresses from which GitHub sees us, as an IP allow list takes them; empty if the operator names none. */
export function ourAddresses(): readonly string[] {
  return getConfig().egressAddresses;
}

/** Whether a link leads to the configured GitHub's web pages. */
export function isGitHubsOrigin(origin: string): boolean {
  return origin === new URL(getConfig().github.webUrl).origin;
}
