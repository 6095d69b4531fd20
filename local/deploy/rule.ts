/** Defines the shape of a rule for manifests, and reads what rules have in common. */
import type { LabelSelector } from 'kubernetes-types/meta/v1';
import { type Manifest, podTemplates } from './overlays';

export type Labels = Record<string, string> | undefined;

export interface Rule {
  name: string;
  /** Returns what is wrong. */
  find(manifests: readonly Manifest[]): string[];
  /** Changes one thing, so that `find` has to return it. */
  breakIt(manifests: Manifest[]): void;
}

export const isSubset = (wanted: Labels, labels: Labels): boolean =>
  Object.entries(wanted ?? {}).every(([key, value]) => labels?.[key] === value);

/** True if a selector matches these labels. Throws for an operator that no manifest uses yet. */
export function selects({ matchLabels, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  const isMet = ({ key, operator, values = [] }: (typeof matchExpressions)[number]) => {
    if (operator !== 'In') throw new Error(`${operator} is not understood`);
    return values.includes(labels?.[key] ?? '');
  };
  return isSubset(matchLabels, labels) && matchExpressions.every(isMet);
}

export const containersOf = (manifests: readonly Manifest[]) =>
  podTemplates(manifests).flatMap(({ name, template }) =>
    [...(template.spec?.containers ?? []), ...(template.spec?.initContainers ?? [])].map((container) => ({
      name: `${name}, ${container.name}`,
      container,
    })),
  );

/** @throws if there is no first item, so that a change cannot break nothing */
export const first = <T>(list: readonly T[] | undefined): T => {
  const [item] = list ?? [];
  if (item === undefined) throw new Error('the object to break is missing');
  return item;
};
