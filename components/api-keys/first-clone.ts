import { CLIENT_PACKAGE } from '@/lib/contract/client-package';

/** Commands that clone one repository: with Node, and with nothing but a shell, curl and git. */
export type CloneCommands = { repository: string; withNode: string; withoutNode: string };

/** Names and URLs as GitHub allows them. Everything else could end a command, and begin another one. */
const PLAIN_NAME = /^\w[\w.-]*\/[\w.-]+$/;
const PLAIN_URL = /^https?:\/\/[\w.:-]+(?:\/[\w.-]+)+$/;

/**
 * Returns commands that clone a repository and revoke the token at the end, or `null` if its name is none of GitHub's.
 * They ask for the key, so that neither the shell's history nor a list of processes holds it. They need bash or zsh.
 *
 * The shell reads a whole command in parentheses before it runs any of it. So a line that is pasted or typed afterwards
 * is the key, and no line of the command is taken for it.
 *
 * @param origin where the control plane is reached
 */
export function firstClone(
  origin: string,
  { full_name: repository, clone_url: url }: { full_name: string; clone_url: string },
): CloneCommands | null {
  if (!PLAIN_NAME.test(repository) || !PLAIN_URL.test(url)) return null;
  const route = `${origin}/api/v1/internal/github/token`;
  return {
    repository,
    withNode: `( printf 'Paste the API key and press Enter: '; read -rs PULSESTREAM_API_KEY; echo
  export PULSESTREAM_API_KEY PULSESTREAM_URL=${origin}
  npx --yes ${origin}${CLIENT_PACKAGE} clone ${repository} )`,
    withoutNode: `( set -eo pipefail
  printf 'Paste the API key and press Enter: '; read -rs KEY; echo
  call() { printf 'header = "Authorization: Bearer %s"\\nheader = "Content-Type: application/json"\\ndata = "%s"\\n' \\
    "$KEY" "$2" | curl -fsS --config - "$1"; }
  TOKEN=$(call '${route}' '{\\"repositories\\":[\\"${repository}\\"],\\"verify\\":true}' |
    sed -n 's/.*"token":"\\([^"]*\\)".*/\\1/p')
  [ -n "$TOKEN" ]; export TOKEN
  trap 'call ${route}/revoke "{\\\\\\"token\\\\\\":\\\\\\"$TOKEN\\\\\\"}"' EXIT
  git -c credential.helper= \\
    -c "credential.${new URL(url).origin}.helper=!f() { echo username=x-access-token; echo \\"password=\\$TOKEN\\"; }; f" \\
    clone ${url} )`,
  };
}
