/** The longest subject of a trust rule, in characters. Longer ones do not fit into an index row. */
export const MAX_SUBJECT_CHARACTERS = 500;
/** Each `*` makes a comparison slower, so their number is limited. */
const MAX_WILDCARDS = 8;

/**
 * How many leading segments name the tenant, by the form of the subject. A `*` there would match other tenants'
 * subjects. Segments end at `:` or `/`, so `spiffe://acme.test/` has four.
 */
const TENANT_SEGMENTS: readonly { form: RegExp; segments: number }[] = [
  // Kubernetes: system:serviceaccount:NAMESPACE:NAME
  { form: /^system:serviceaccount:/, segments: 3 },
  // AWS: arn:aws:iam::ACCOUNT:role/NAME
  { form: /^arn:/, segments: 5 },
  // SPIFFE and others: spiffe://DOMAIN/PATH
  { form: /^[a-z][\w+.-]*:\/\//i, segments: 4 },
  // GitHub: repo:OWNER/NAME:…, GitLab: project_path:GROUP/PROJECT:…, Buildkite: organization:ORG:…, and all others
  { form: /^/, segments: 2 },
];

/**
 * Checks a rule's subject: either the exact text of a token's `sub`, or a pattern. In a pattern, each `*` matches any
 * characters except `:` and `/`, or none. The tenant has to be named without a `*`.
 *
 * @returns what is wrong, as the end of a sentence that begins with the field's name; `undefined` for a valid subject
 */
export function findSubjectError(subject: string): string | undefined {
  if (subject === '') return 'must not be empty';
  if (subject.length > MAX_SUBJECT_CHARACTERS)
    return `must have at most ${MAX_SUBJECT_CHARACTERS} characters`;
  if (/\p{Cc}/u.test(subject) || !subject.isWellFormed()) return 'must not contain control characters';
  if (subject.trim() !== subject) return 'must not begin or end with a space';
  if (!subject.includes('*')) return undefined;
  return findPatternError(subject);
}

function findPatternError(pattern: string): string | undefined {
  if (pattern.includes('**')) return 'must not contain "**", because a "*" stays within its segment';
  if (pattern.split('*').length - 1 > MAX_WILDCARDS) return `must have at most ${MAX_WILDCARDS} "*"`;
  const tenant = TENANT_SEGMENTS.find(({ form }) => form.test(pattern))?.segments ?? 0;
  const segments = pattern.split(/[:/]/);
  const named = segments.slice(0, tenant);
  if (
    segments.length <= tenant ||
    named[0] === '' ||
    named.at(-1) === '' ||
    named.some((segment) => segment.includes('*'))
  )
    return 'must name its first parts without "*", as in "repo:acme/…", so that it matches no other organization';
  if (segments.slice(tenant).includes('')) return 'must not contain an empty segment';
  return undefined;
}
