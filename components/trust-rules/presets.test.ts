import { describe, expect, it } from 'vitest';
import { composeDemands, formatClaims, type PresetName, parseClaims, presetOf } from './presets';
import { workloadOf } from './rule-in-words';

const GITHUB = 'https://token.actions.githubusercontent.com';

/** Fields of the form, the subject that they make, and the words for that subject. */
const COMPOSED: readonly (readonly [PresetName, Record<string, string>, string, string])[] = [
  [
    'github-actions',
    { repository: 'acme/api', run: 'branch', run_name: 'main' },
    'repo:acme/api:ref:refs/heads/main',
    'Workflows of acme/api on branch main',
  ],
  [
    'github-actions',
    { repository: ' repo:acme@12/api@34 ', run: 'tag', run_name: 'v*' },
    'repo:acme@12/api@34:ref:refs/tags/v*',
    'Workflows of acme/api on tag v*',
  ],
  [
    'github-actions',
    { repository: 'https://github.com/acme/api.git', run: 'environment', run_name: 'eu: live' },
    'repo:acme/api:environment:eu%3A live',
    'Workflows of acme/api in environment eu%3A live',
  ],
  [
    'github-actions',
    { repository: 'https://github.com/acme/api/', run: 'pull_request', run_name: '' },
    'repo:acme/api:pull_request',
    'Workflows of acme/api for pull requests',
  ],
  [
    'kubernetes',
    { namespace: 'analysis', service_account: 'engine', uid: '' },
    'system:serviceaccount:analysis:engine',
    'Service account engine in namespace analysis',
  ],
  [
    'gitlab',
    { project: 'acme/platform/api', ref_type: 'tag', ref: 'v1', project_id: '' },
    'project_path:acme/platform/api:ref_type:tag:ref:v1',
    'Jobs of acme/platform/api on tag v1',
  ],
  [
    'other',
    { subject: 'spiffe://acme.example/engine' },
    'spiffe://acme.example/engine',
    'spiffe://acme.example/engine',
  ],
];

describe('a preset', () => {
  it.each(COMPOSED)('composes the subject of its issuer’s tokens: %s %j', (name, fields, subject, words) => {
    expect(composeDemands(name, { issuer: GITHUB, ...fields }, {})).toEqual({
      issuer: GITHUB,
      subject,
      claims: {},
    });
    expect(workloadOf(subject)).toEqual({ kind: name, words });
  });

  it.each(COMPOSED)('composes nothing while a required field is empty: %s %j', (name, fields) => {
    const required = Object.keys(fields).filter(
      (field) => !['uid', 'project_id'].includes(field) && fields[field] !== '',
    );
    for (const field of required)
      expect(composeDemands(name, { issuer: GITHUB, ...fields, [field]: ' ' }, {})).toBeNull();
    expect(composeDemands(name, { ...fields, issuer: '' }, {})).toBeNull();
  });

  it('composes nothing for a run that the form doesn’t offer', () => {
    const fields = { issuer: GITHUB, repository: 'acme/api', run_name: 'main' };
    for (const run of ['', 'toString', '__proto__'])
      expect(composeDemands('github-actions', { ...fields, run }, {})).toBeNull();
  });

  it('adds the ids that it asks for to the further claims', () => {
    const further = { namespace: 'x' };
    const kubernetes = { issuer: 'https://k8s.example', namespace: 'a', service_account: 'b', uid: 'u-1' };
    expect(composeDemands('kubernetes', kubernetes, further)?.claims).toEqual({
      'kubernetes.io/serviceaccount/uid': 'u-1',
      namespace: 'x',
    });
    const gitlab = { issuer: 'https://gitlab.com', project: 'a/b', ref_type: 'branch', ref: 'main' };
    expect(composeDemands('gitlab', { ...gitlab, project_id: '20' }, {})?.claims).toEqual({
      project_id: '20',
    });
  });

  it.each([
    [GITHUB, 'github-actions'],
    ['https://github.acme.example/_services/token', 'github-actions'],
    ['https://gitlab.com', 'gitlab'],
    ['https://oidc.eks.eu-central-1.amazonaws.com/id/ABC', 'kubernetes'],
    ['https://container.googleapis.com/v1/projects/p/locations/l/clusters/c', 'kubernetes'],
    ['https://accounts.google.com', 'other'],
  ])('is chosen by the issuer: %s', (issuer, name) => {
    expect(presetOf(issuer)).toBe(name);
  });
});

describe('claims written line by line', () => {
  it('are parsed, and formatted the same again', () => {
    const claims = { environment: 'production', 'kubernetes.io/namespace': 'a=b', repository_id: '12' };
    expect(formatClaims(claims)).toBe(
      'environment=production\nkubernetes.io/namespace=a=b\nrepository_id=12',
    );
    expect(
      parseClaims(' environment = production \r\n\nkubernetes.io/namespace=a=b\nrepository_id=12'),
    ).toEqual({ claims });
    expect(formatClaims({ ref_protected: true, n: 1 })).toBe('ref_protected=true\nn=1');
  });

  it.each(['environment', '=production', 'environment=', 'a=b\n c '])('are refused: %j', (text) => {
    expect(parseClaims(text).wrong).toBe(text.split('\n').at(-1)?.trim());
  });

  it('keep a name that objects use themselves', () => {
    expect(Object.entries(parseClaims('__proto__=x').claims)).toEqual([['__proto__', 'x']]);
  });

  it.each([{ a: 'x\ny' }, { a: ' x' }, { a: '' }, { 'a=b': 'c' }, { ' a': 'b' }])(
    'are not formatted if they could not be read again: %j',
    (claims) => {
      expect(formatClaims(claims as Record<string, string>)).toBeNull();
    },
  );
});
