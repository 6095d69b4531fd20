/** Ready text for a rule's workload: how it gets an identity token, and how it clones a repository with that. */
import { REPOSITORY_NAME } from '@/lib/contract/audit-event';
import type { PresetName } from './presets';
import { workloadOf } from './rule-in-words';

export type SnippetPlace = {
  /** The public origin of this service. */
  url: string;
  audience: string;
  /** The workspace's slug. */
  workspace: string;
  subject: string;
  /** `owner/name` of a repository that the rule grants, if one is known. */
  repository: string | undefined;
  /** GitHub's origin for people and git, and its REST API. */
  github: { webUrl: string; apiUrl: string };
};

type Place = SnippetPlace & { repository: string };

export type Snippet = { title: string; about: string; code: string };

/** Quotes text for YAML. JSON's strings are valid YAML. */
const yaml = (text: string) => JSON.stringify(text);

/** Quotes text for a POSIX shell. */
const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const indent = (text: string, spaces: number) => text.replace(/^(?=.)/gm, ' '.repeat(spaces));

/** Where the workload finds its identity token. */
type Source = { command: string };

const FILE = '/var/run/secrets/pulsestream/token';

/**
 * A script for any POSIX shell, with curl and git. A secret is never part of a command line, because every user of the
 * machine can read those. Git's helper answers for GitHub's host only.
 */
function cloneScript({ url, workspace, repository, github }: Place, { command }: Source): string {
  const { webUrl, apiUrl } = github;
  return `set -eu
bearer() { printf 'Authorization: Bearer %s' "$1"; }
field() { sed -n "s/.*\\"$1\\" *: *\\"\\([^\\"]*\\)\\".*/\\1/p"; }
${command}
GITHUB_TOKEN=$(bearer "$identity" | curl -fsS -H @- -H ${shell(`X-Workspace: ${workspace}`)} \\
  -H 'Content-Type: application/json' -d ${shell(JSON.stringify({ repositories: [repository] }))} \\
  ${shell(`${url}/api/v1/internal/github/token`)} | field token)
test -n "$GITHUB_TOKEN"
export GITHUB_TOKEN
trap 'bearer "$GITHUB_TOKEN" | curl -fsS -X DELETE -H @- ${apiUrl}/installation/token' EXIT
helper='!f() { test "$1" = get && printf "username=x-access-token\\npassword=%s\\n" "$GITHUB_TOKEN"; }; f'
git -c credential.helper= -c credential.${webUrl}.helper="$helper" clone ${webUrl}/${repository}.git
`;
}

const SNIPPETS: Record<PresetName, (place: Place) => Omit<Snippet, 'about'>> = {
  'github-actions': (place) => {
    const environment = /:environment:(.+)$/.exec(place.subject)?.[1];
    const script = cloneScript(place, {
      command: `identity=$(bearer "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" | curl -fsS -H @- -G \\
  --data-urlencode ${shell(`audience=${place.audience}`)} "$ACTIONS_ID_TOKEN_REQUEST_URL" | field value)`,
    });
    return {
      title: 'GitHub Actions workflow',
      code: `on: workflow_dispatch
permissions:
  id-token: write
jobs:
  clone:
    runs-on: ubuntu-latest
${environment === undefined || environment.includes('*') ? '' : `    environment: ${yaml(environment.replaceAll('%3A', ':'))}\n`}    steps:
      - run: |
${indent(script, 10)}`,
    };
  },
  kubernetes: (place) => {
    const [, namespace = 'default', account = 'default'] =
      /^system:serviceaccount:([^:]+):([^:]+)$/.exec(place.subject) ?? [];
    return {
      title: 'Kubernetes pod',
      code: `apiVersion: v1
kind: Pod
metadata:
  name: clone
  namespace: ${yaml(namespace)}
spec:
  serviceAccountName: ${yaml(account)}
  restartPolicy: Never
  containers:
    - name: clone
      image: alpine:3
      command: [sh, -c]
      args:
        - |
          apk add --no-cache curl git
${indent(cloneScript(place, { command: `identity=$(cat ${FILE})` }), 10)}      volumeMounts:
        - { name: pulsestream, mountPath: ${FILE.replace(/\/token$/, '')}, readOnly: true }
  volumes:
    - name: pulsestream
      projected:
        sources:
          - serviceAccountToken:
              audience: ${yaml(place.audience)}
              expirationSeconds: 3600
              path: token
`,
    };
  },
  gitlab: (place) => ({
    title: 'GitLab job',
    code: `clone:
  image: alpine:3
  id_tokens:
    PULSESTREAM_IDENTITY_TOKEN:
      aud: ${yaml(place.audience)}
  script:
    - apk add --no-cache curl git
    - |
${indent(cloneScript(place, { command: 'identity=$PULSESTREAM_IDENTITY_TOKEN' }), 6)}`,
  }),
  other: (place) => ({
    title: 'Shell',
    code: cloneScript(place, { command: 'identity=$(cat "$PULSESTREAM_IDENTITY_TOKEN_FILE")' }),
  }),
};

const ABOUT: Record<PresetName, string> = {
  'github-actions': 'Save it below .github/workflows, in the repository that the rule names.',
  kubernetes: 'Mount the same volume into your own pods to get the identity token there.',
  gitlab: 'Add it to the .gitlab-ci.yml of the project that the rule names.',
  other: 'The file has to hold an identity token for the audience that this page shows.',
};

/** Returns the snippet for the workload that a rule trusts. */
export function snippetFor(place: SnippetPlace): Snippet {
  const { kind } = workloadOf(place.subject);
  // A name that GitHub wouldn't allow never becomes part of a command.
  const known = place.repository !== undefined && REPOSITORY_NAME.test(place.repository);
  const repository = known && place.repository ? place.repository : 'OWNER/NAME';
  return { ...SNIPPETS[kind]({ ...place, repository }), about: ABOUT[kind] };
}
