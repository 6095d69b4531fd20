import type { PresetName } from './presets';

/** A kind of workload, and a sentence about the ones that a subject names. */
export type Workload = { kind: PresetName; words: string };

type Reading = {
  kind: PresetName;
  pattern: RegExp;
  words: (parts: Readonly<Record<string, string>>) => string;
};

/** Drops the ids from `acme@1/api@2`. The subject itself is shown beside the words. */
const repositoryName = (text = '') => text.replace(/@\d+(?=\/|$)/g, '');

/** The forms of subjects that are worth saying in words. The first one that matches is used. */
const READINGS: readonly Reading[] = [
  {
    kind: 'github-actions',
    pattern: /^repo:(?<repository>[^:]+):ref:refs\/heads\/(?<ref>.+)$/,
    words: ({ repository, ref }) => `Workflows of ${repositoryName(repository)} on branch ${ref}`,
  },
  {
    kind: 'github-actions',
    pattern: /^repo:(?<repository>[^:]+):ref:refs\/tags\/(?<ref>.+)$/,
    words: ({ repository, ref }) => `Workflows of ${repositoryName(repository)} on tag ${ref}`,
  },
  {
    kind: 'github-actions',
    pattern: /^repo:(?<repository>[^:]+):environment:(?<name>.+)$/,
    words: ({ repository, name }) => `Workflows of ${repositoryName(repository)} in environment ${name}`,
  },
  {
    kind: 'github-actions',
    pattern: /^repo:(?<repository>[^:]+):pull_request$/,
    words: ({ repository }) => `Workflows of ${repositoryName(repository)} for pull requests`,
  },
  {
    kind: 'kubernetes',
    pattern: /^system:serviceaccount:(?<namespace>[^:]+):(?<account>[^:]+)$/,
    words: ({ namespace, account }) => `Service account ${account} in namespace ${namespace}`,
  },
  {
    kind: 'gitlab',
    pattern: /^project_path:(?<project>[^:]+):ref_type:(?<type>branch|tag):ref:(?<ref>.+)$/,
    words: ({ project, type, ref }) => `Jobs of ${project} on ${type} ${ref}`,
  },
];

/** Says which workloads a rule trusts. A subject of an unknown form stands for itself. */
export function workloadOf(subject: string): Workload {
  for (const { kind, pattern, words } of READINGS) {
    const parts = pattern.exec(subject)?.groups;
    if (parts !== undefined) return { kind, words: words(parts) };
  }
  return { kind: 'other', words: subject };
}
