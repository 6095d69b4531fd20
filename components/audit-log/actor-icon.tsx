import type { ActorKind } from './actor-shapes';

/** Shows the kind of an actor, by a shape of `ActorShapes`. */
export function ActorIcon({ kind }: { kind: ActorKind }) {
  return (
    <svg
      aria-hidden
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      className="stacked:-mt-0.5 mr-1.5 inline size-3.5 shrink-0 text-muted columned:mt-[3px]"
    >
      <use href={`#actor-${kind}`} />
    </svg>
  );
}
