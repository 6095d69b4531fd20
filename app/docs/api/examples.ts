/**
 * Returns three examples of minting a token. They read the key from the environment, because other users of a machine
 * can see command lines.
 */
export function examples(origin: string, githubWebUrl: string): { title: string; code: string }[] {
  const url = `${origin}/api/v1/internal/github/token`;
  return [
    {
      title: 'curl',
      code: `curl -X POST ${url} \\
  -H "Authorization: Bearer $PULSESTREAM_API_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{"repositories":["acme/api"],"verify":true}'`,
    },
    {
      title: 'TypeScript',
      code: `const response = await fetch('${url}', {
  method: 'POST',
  headers: {
    authorization: \`Bearer \${apiKey}\`,
    'content-type': 'application/json',
  },
  body: JSON.stringify({ repositories: ['acme/api'], verify: true }),
});
if (!response.ok) throw new Error((await response.json()).code);
const { token, expires_at } = await response.json();`,
    },
    {
      title: 'git, with the token in neither .git/config nor the list of processes',
      code: `export GITHUB_TOKEN=… # the answer's "token"
git -c credential.helper='!f() { echo username=x-access-token; echo "password=$GITHUB_TOKEN"; }; f' \\
  clone ${githubWebUrl}/acme/api.git`,
    },
  ];
}
