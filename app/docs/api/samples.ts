import { CLIENT_PACKAGE } from '@/lib/contract/client-package';

/** Names the reader's own workspace, and a repository that it shares, in the place of invented ones. */
export type Reader = { workspace: string; repository: string };

export const ANYBODY: Reader = { workspace: 'acme', repository: 'acme/api' };

type Sample = { title: string; code: string };
type Place = { origin: string; githubWebUrl: string; reader: Reader };

/**
 * Returns complete samples that clone. Each revokes its token, except that of the credential helper, because git never
 * says when it needs it no longer. None prints a token, puts one into a command line, or answers a host other than
 * GitHub's. `samples.db.test.ts` runs them as they stand.
 */
export function samples({ origin, githubWebUrl, reader: { repository } }: Place): Sample[] {
  const [, name] = repository.split('/');
  const client = `${origin}${CLIENT_PACKAGE}`;
  const cloneUrl = `${githubWebUrl}/${repository}.git`;
  return [
    {
      title: 'The command pulsestream',
      code: `export PULSESTREAM_URL=${origin}
export PULSESTREAM_API_KEY_FILE=/run/secrets/pulsestream
npx --yes ${client} clone ${repository}`,
    },
    {
      title:
        'git, with pulsestream as its credential helper: a token for the one repository, which expires within the hour',
      code: `export PULSESTREAM_URL=${origin}
export PULSESTREAM_API_KEY_FILE=/run/secrets/pulsestream
git -c credential.helper= -c credential.helper='!npx --yes ${client} git-credential' \\
  -c credential.useHttpPath=true clone ${cloneUrl}`,
    },
    {
      title: `TypeScript, after npm install ${client}`,
      code: `import { execFileSync } from 'node:child_process';
import { env } from 'node:process';
import { createClient } from 'pulsestream';

const client = createClient({
  url: '${origin}',
  auth: { apiKeyFile: '/run/secrets/pulsestream' },
});
await client.withToken({ repositories: ['${repository}'], verify: true }, (token) => {
  const helper = '!f() { echo username=x-access-token; echo "password=$GITHUB_TOKEN"; }; f';
  const settings = ['-c', 'credential.helper=', '-c', \`credential.${githubWebUrl}.helper=\${helper}\`];
  execFileSync('git', [...settings, 'clone', '${cloneUrl}'], {
    env: { ...env, GITHUB_TOKEN: token.value },
  });
}); // revokes the token
`.trimEnd(),
    },
    {
      title: 'curl and git, with nothing installed',
      code: `GITHUB_TOKEN=$(printf 'Authorization: Bearer %s' "$(cat /run/secrets/pulsestream)" |
  curl -fsS -X POST -H @- -H 'Content-Type: application/json' \\
    -d '{"repositories":["${repository}"],"verify":true}' \\
    ${origin}/api/v1/internal/github/token | jq -r .token)
export GITHUB_TOKEN
git -c credential.helper= \\
  -c credential.${githubWebUrl}.helper='!f() { echo username=x-access-token; echo "password=$GITHUB_TOKEN"; }; f' \\
  clone ${cloneUrl} ${name}
printf 'header = "Authorization: Bearer %s"\\ndata = "{\\\\"token\\\\":\\\\"%s\\\\"}"\\n' \\
  "$(cat /run/secrets/pulsestream)" "$GITHUB_TOKEN" |
  curl -fsS --config - -H 'Content-Type: application/json' \\
    ${origin}/api/v1/internal/github/token/revoke`,
    },
  ];
}
