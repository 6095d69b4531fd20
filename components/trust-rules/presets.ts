/**
 * The kinds of workloads that the form for trust rules knows. Each turns a few fields into the `sub` and the claims that
 * its issuer writes into identity tokens.
 */

export type PresetField = {
  name: string;
  label: string;
  placeholder: string;
  hint?: string;
  optional?: true;
};

type Values = Readonly<Record<string, string>>;

export type Claims = Readonly<Record<string, string>>;

export type Preset = {
  label: string;
  /** Names the workloads of this preset. */
  about: string;
  /** Matches issuers that issue such tokens. */
  issuers: RegExp;
  /** A group of radio buttons, before the fields. */
  choice?: { name: string; label: string; options: readonly (readonly [value: string, label: string])[] };
  fields: readonly PresetField[];
  /** Returns the subject. Called only with one of the choices, and with every field that isn't optional filled in. */
  subject: (values: Values) => string;
  claims?: (values: Values) => Claims;
};

const STAR = 'A * matches any characters except / and :.';

/** How a workflow run names itself, by the choice in the form. GitHub escapes colons in names of environments. */
const GITHUB_RUNS: Readonly<Record<string, (name: string) => string>> = {
  branch: (name) => `ref:refs/heads/${name}`,
  tag: (name) => `ref:refs/tags/${name}`,
  environment: (name) => `environment:${name.replaceAll(':', '%3A')}`,
  pull_request: () => 'pull_request',
};

/**
 * Reads a repository as a person writes it: its name, its address, or the prefix of its subjects with the ids of owner
 * and repository.
 *
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
const repositoryOf = (text: string) =>
  text.replace(/^repo:|^https:\/\/[^/]+\//, '').replace(/(?:\.git)?[/:]?$/, '');

export const PRESETS = {
  'github-actions': {
    label: 'GitHub Actions',
    about: 'Workflow runs of one repository: on a branch or a tag, in an environment, or for pull requests.',
    issuers: /^https:\/\/token\.actions\.githubusercontent\.com|\/_services\/token$/,
    choice: {
      name: 'run',
      label: 'Runs',
      options: [
        ['branch', 'On a branch'],
        ['tag', 'On a tag'],
        ['environment', 'In an environment'],
        ['pull_request', 'For pull requests'],
      ],
    },
    fields: [
      {
        name: 'repository',
        label: 'Repository of the workflow',
        placeholder: 'acme/deploy',
        hint: 'Since 15 July 2026, tokens of new, renamed and transferred repositories also name ids. This prints what to enter: gh api repos/OWNER/NAME/actions/oidc/customization/sub --jq .sub_claim_prefix',
      },
      {
        name: 'run_name',
        label: 'Branch, tag or environment',
        placeholder: 'main',
        hint: `${STAR} Not needed for pull requests.`,
        optional: true,
      },
    ],
    subject: ({ repository = '', run = '', run_name = '' }) => {
      if (run_name === '' && run !== 'pull_request') return '';
      return `repo:${repositoryOf(repository)}:${GITHUB_RUNS[run]?.(run_name)}`;
    },
  },
  kubernetes: {
    label: 'Kubernetes',
    about: 'Pods that run as one service account of a cluster.',
    issuers: /\b(?:eks|aks|gke|k8s|kube\w*|container)\b/,
    fields: [
      { name: 'namespace', label: 'Namespace', placeholder: 'analysis' },
      { name: 'service_account', label: 'Service account', placeholder: 'engine' },
      {
        name: 'uid',
        label: 'UID of the service account',
        placeholder: '2f5a1c9e-…',
        hint: 'Optional. Without it, a service account that is deleted and created again under this name is trusted too.',
        optional: true,
      },
    ],
    subject: ({ namespace, service_account }) => `system:serviceaccount:${namespace}:${service_account}`,
    claims: ({ uid }) => (uid ? { 'kubernetes.io/serviceaccount/uid': uid } : {}),
  },
  gitlab: {
    label: 'GitLab CI/CD',
    about: 'Jobs of one project, on a branch or a tag.',
    issuers: /gitlab/,
    choice: {
      name: 'ref_type',
      label: 'Jobs',
      options: [
        ['branch', 'On a branch'],
        ['tag', 'On a tag'],
      ],
    },
    fields: [
      { name: 'project', label: 'Project', placeholder: 'acme/platform/deploy' },
      { name: 'ref', label: 'Branch or tag', placeholder: 'main', hint: STAR },
      {
        name: 'project_id',
        label: 'Project ID',
        placeholder: '20',
        hint: 'Optional. Without it, another project that gets this path later is trusted too.',
        optional: true,
      },
    ],
    subject: ({ project, ref_type, ref }) => `project_path:${project}:ref_type:${ref_type}:ref:${ref}`,
    claims: ({ project_id }) => (project_id ? { project_id } : {}),
  },
  other: {
    label: 'Other',
    about: 'Any workload with an OIDC identity token, such as a cloud’s instance, Buildkite or SPIFFE.',
    issuers: /^/,
    fields: [
      {
        name: 'subject',
        label: 'Subject',
        placeholder: 'spiffe://acme.example/analysis/engine',
        hint: `The token’s sub. ${STAR} It can’t be used in the parts that name the owner.`,
      },
    ],
    subject: ({ subject = '' }) => subject,
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

export const isPreset = (name: string | undefined): name is PresetName =>
  name !== undefined && Object.hasOwn(PRESETS, name);

/** Returns the preset that fits most tokens of an issuer. */
export function presetOf(issuer: string): PresetName {
  return PRESET_NAMES.find((name) => PRESETS[name].issuers.test(issuer)) ?? 'other';
}

/** A rule's demands on a token, which the user checks before they are saved. */
export type Demands = { issuer: string; subject: string; claims: Claims };

/** Composes a rule from the form's fields. Returns `null` until the required fields are filled in. */
export function composeDemands(name: PresetName, values: Values, further: Claims): Demands | null {
  const preset: Preset = PRESETS[name];
  const trimmed = Object.fromEntries(Object.entries(values).map(([field, value]) => [field, value.trim()]));
  const { issuer = '' } = trimmed;
  const isComplete =
    preset.fields.every(({ name, optional }) => optional || trimmed[name]) &&
    (preset.choice?.options.some(([value]) => value === trimmed[preset.choice?.name ?? '']) ?? true);
  const subject = isComplete ? preset.subject(trimmed) : '';
  if (issuer === '' || subject === '') return null;
  return { issuer, subject, claims: { ...preset.claims?.(trimmed), ...further } };
}

/**
 * Parses claims written as one `name=value` a line.
 *
 * @returns the first line that has another form as `wrong`
 */
export function parseClaims(text: string): { claims: Claims; wrong?: string } {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const claims: [name: string, value: string][] = [];
  for (const line of lines.filter((line) => line !== '')) {
    const [, name, value] = /^([^=]*[^=\s])\s*=\s*(.+)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return { claims: {}, wrong: line };
    claims.push([name, value]);
  }
  return { claims: Object.fromEntries(claims) };
}

/**
 * Writes claims as {@link parseClaims} reads them. Returns `null` for claims that this form can't hold, such as a value
 * with a line break.
 */
export function formatClaims(claims: Readonly<Record<string, string | number | boolean>>): string | null {
  const text = Object.entries(claims)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
  const again = parseClaims(text);
  const isSame = Object.entries(claims).every(([name, value]) => again.claims[name] === String(value));
  const isComplete = Object.keys(again.claims).length === Object.keys(claims).length;
  return again.wrong === undefined && isSame && isComplete ? text : null;
}
