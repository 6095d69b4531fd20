/**
 * Shapes of Lucide (ISC licence, https://lucide.dev). A page has each of them once. The icons of its rows refer to them,
 * so the shapes are neither in every row nor in the page's script. `unknown` is for an actor type that somebody has
 * tampered with.
 */
const SHAPES = {
  user: 'M19 21v-2a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v2M8 7a4 4 0 1 0 8 0a4 4 0 1 0-8 0',
  api_key:
    'M2.586 17.414A2 2 0 0 0 2 18.828V21a1 1 0 0 0 1 1h3a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h1a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h.172a2 2 0 0 0 1.414-.586l.814-.814a6.5 6.5 0 1 0-4-4zM16 7.5a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0',
  workload:
    'M20 13c0 5-3.5 7.5-7.66 8.95a1 1 0 0 1-.67-.01C7.5 20.5 4 18 4 13V6a1 1 0 0 1 1-1c2 0 4.5-1.2 6.24-2.72a1.17 1.17 0 0 1 1.52 0C14.51 3.81 17 5 19 5a1 1 0 0 1 1 1zM9 12l2 2 4-4',
  system:
    'M12 8V4H8M6 8h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM2 14h2M20 14h2M15 13v2M9 13v2',
  unknown: 'M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 8v4M12 16h.01',
} as const;

export type ActorKind = keyof typeof SHAPES;

/** Returns the kind of a stored actor type, which may be anything if somebody has tampered with the row. */
export function actorKind(type: string): ActorKind {
  return Object.hasOwn(SHAPES, type) ? (type as ActorKind) : 'unknown';
}

/** The shapes that {@link ActorIcon} refers to. Must be on each page that has one. */
export function ActorShapes() {
  return (
    <svg aria-hidden className="hidden">
      {Object.entries(SHAPES).map(([kind, shape]) => (
        <symbol key={kind} id={`actor-${kind}`} viewBox="0 0 24 24">
          <path d={shape} />
        </symbol>
      ))}
    </svg>
  );
}
