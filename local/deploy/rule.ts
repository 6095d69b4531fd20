/** Defines the shape of a rule for manifests, and reads what rules have in common. */
import { type Manifest, podTemplates } from './overlays';

export interface Rule {
  name: string;
  /** Returns what is wrong. */
  find(manifests: readonly Manifest[]): string[];
  /** Changes one thing, so that `find` has to return it. */
  breakIt(manifests: Manifest[]): void;
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
