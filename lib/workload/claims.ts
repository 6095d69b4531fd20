/** The most paths into nested claims that a token is compared by. Further ones match no rule. */
const MAX_PATHS = 500;
const MAX_DEPTH = 5;

/**
 * Returns the claims that rules can name, as texts: each scalar under its name, and scalars in nested objects under
 * their path, such as `kubernetes.io/namespace`. A claim whose whole name is the path comes first. Arrays and objects
 * equal nothing. Neither do integers beyond 2^53, which are inexact by now.
 */
export function comparableClaims(claims: Readonly<Record<string, unknown>>): Map<string, string> {
  const found = new Map<string, string>();
  const add = (object: object, prefix: string, depth: number) => {
    const entries = Object.entries(object).map(([name, value]) => [`${prefix}${name}`, value] as const);
    for (const [path, value] of entries) {
      const text = scalarText(value);
      if (text !== undefined && !found.has(path) && found.size < MAX_PATHS) found.set(path, text);
    }
    for (const [path, value] of entries)
      if (depth < MAX_DEPTH && typeof value === 'object' && value !== null && !Array.isArray(value))
        add(value, `${path}/`, depth + 1);
  };
  add(claims, '', 1);
  for (const name of Object.keys(claims)) if (scalarText(claims[name]) === undefined) found.delete(name);
  return found;
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('\u0000') || !value.isWellFormed() ? undefined : value;
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  return undefined;
}

/** True for a projected Kubernetes token. The kubelet hands a pod the same token until it rotates it. */
export function isServiceAccountToken({
  'kubernetes.io': kubernetes,
}: Readonly<Record<string, unknown>>): boolean {
  return typeof kubernetes === 'object' && kubernetes !== null && !Array.isArray(kubernetes);
}
