import { describe, expect, it } from 'vitest';
import { type SnippetPlace, snippetFor } from './snippets';

const PLACE: SnippetPlace = {
  url: 'https://pulse.example',
  audience: 'https://pulse.example',
  workspace: 'acme',
  subject: 'repo:acme/deploy:ref:refs/heads/main',
  repository: 'acme/api',
  github: { webUrl: 'https://github.com', apiUrl: 'https://api.github.com' },
};

const SUBJECTS = {
  'GitHub Actions workflow': PLACE.subject,
  'Kubernetes pod': 'system:serviceaccount:analysis:engine',
  'GitLab job': 'project_path:acme/deploy:ref_type:branch:ref:main',
  Shell: 'spiffe://acme.example/engine',
};

describe('a snippet', () => {
  it.each(Object.entries(SUBJECTS))('names service, workspace and repository: %s', (title, subject) => {
    const snippet = snippetFor({ ...PLACE, subject });
    expect(snippet.title).toBe(title);
    expect(snippet.code).toContain(`'https://pulse.example/api/v1/internal/github/token'`);
    expect(snippet.code).toContain(`-H 'X-Workspace: acme'`);
    expect(snippet.code).toContain('clone https://github.com/acme/api.git');
  });

  it.each(Object.entries(SUBJECTS))(
    'passes secrets to commands by standard input and environment only: %s',
    (_, subject) => {
      const { code } = snippetFor({ ...PLACE, subject });
      const commands = code.split('\n').filter((line) => /\b(?:curl|git)\b/.test(line));
      expect(commands.length).toBeGreaterThan(2);
      // `bearer` and `printf` are built into the shell, so they have no command line that others can read.
      for (const command of commands)
        expect(command.replace(/bearer "\$\w+" \|/g, '').replace(/helper='.*'/, '')).not.toMatch(
          /\$(?:identity|GITHUB_TOKEN|ACTIONS_ID_TOKEN_REQUEST_TOKEN|PULSESTREAM_IDENTITY_TOKEN\b)/,
        );
    },
  );

  it('answers to git for GitHub’s host only, and clears other helpers first', () => {
    const { code } = snippetFor({
      ...PLACE,
      github: { ...PLACE.github, webUrl: 'https://github.acme.example' },
    });
    expect(code).toContain('git -c credential.helper= -c credential.https://github.acme.example.helper=');
  });

  it.each(["acme/api'; rm -rf ~; '", 'acme/$(id)', '../..', undefined])(
    'never makes a repository’s name part of a command unless GitHub allows it: %j',
    (repository) => {
      const { code } = snippetFor({ ...PLACE, repository });
      expect(code).toContain('clone https://github.com/OWNER/NAME.git');
      expect(repository === undefined || !code.includes(repository)).toBe(true);
    },
  );

  it('quotes an audience that a shell or YAML would read otherwise', () => {
    const audience = `it's "ours": $HOME`;
    expect(snippetFor({ ...PLACE, audience }).code).toContain(
      `--data-urlencode 'audience=it'\\''s "ours": $HOME'`,
    );
    const gitlab = snippetFor({ ...PLACE, audience, subject: SUBJECTS['GitLab job'] });
    expect(gitlab.code).toContain(`aud: ${JSON.stringify(audience)}`);
  });

  it('runs in the environment that the subject names, if it names one exactly', () => {
    const of = (name: string) =>
      snippetFor({ ...PLACE, subject: `repo:acme/deploy:environment:${name}` }).code;
    expect(of('eu%3A live')).toContain('    environment: "eu: live"\n');
    expect(of('eu-*')).not.toContain('environment:');
    expect(snippetFor(PLACE).code).not.toContain('environment:');
  });

  it('asks Kubernetes for a token of the rule’s service account, for our audience', () => {
    const { code } = snippetFor({ ...PLACE, subject: SUBJECTS['Kubernetes pod'] });
    expect(code).toContain('  namespace: "analysis"\n');
    expect(code).toContain('  serviceAccountName: "engine"\n');
    expect(code).toContain('              audience: "https://pulse.example"\n');
  });
});
