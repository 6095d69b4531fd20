/** Describes a header. Every response that lists the header has it. */
const header = (description: string, type: 'string' | 'integer' = 'string') => ({
  description,
  required: true,
  schema: { type },
});

export const RESPONSE_HEADERS = {
  'X-Request-Id': header('Names this request, in the log and in the audit log too.'),
  'RateLimit-Policy': header('The limit that counts this request: q requests in w seconds.'),
  RateLimit: header('What is left of it: r requests; the next slot is free in t seconds.'),
  'Retry-After': header('Whole seconds to wait before trying again.', 'integer'),
  Location: header('Where to go on.'),
  'WWW-Authenticate': header('Bearer.'),
} as const;

type Header = keyof typeof RESPONSE_HEADERS;

/** The extra header that a problem response has, by status. */
const OF_PROBLEM: Record<number, Header> = {
  401: 'WWW-Authenticate',
  429: 'Retry-After',
  502: 'Retry-After',
  503: 'Retry-After',
};

type Kind = { status: number; isProblem: boolean; isLimited: boolean };

/** Returns a response's headers, each as a reference to its description. */
export function headersOf({ status, isProblem, isLimited }: Kind) {
  const ofProblem = isProblem ? OF_PROBLEM[status] : undefined;
  const names: Header[] = [
    'X-Request-Id',
    ...(isLimited ? (['RateLimit-Policy', 'RateLimit'] as const) : []),
    ...(ofProblem ? [ofProblem] : []),
    ...(status === 303 ? (['Location'] as const) : []),
  ];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
