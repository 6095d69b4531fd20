/**
 * The places where GitHub's OpenAPI description is incomplete or wrong, each with the schema to use instead and the
 * reason. A test fails if an entry is no longer needed.
 */

/** Routes that GitHub serves but doesn't describe. Each entry names a described route whose schema applies instead. */
export const UNDESCRIBED_ROUTES: readonly { path: RegExp; heldTo: string; why: string }[] = [
  {
    path: /^\/repositories\/[^/]+$/,
    heldTo: '/repos/{owner}/{repo}',
    why: 'GitHub redirects a renamed repository there. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects',
  },
  {
    path: /^\/repos\/[^/]+\/[^/]+\/contents$/,
    heldTo: '/repos/{owner}/{repo}/contents/{path}',
    why: 'the root folder of a repository is its contents with an empty path',
  },
];

/**
 * The schema for error statuses that an operation doesn't describe, such as 401 for a bad credential. On GitHub, any
 * operation may return such an error, as a `basic-error` with a message.
 */
export const UNDESCRIBED_ERRORS = { heldTo: 'basic-error', required: ['message'] } as const;

/** Responses that don't match their description on github.com either, each with the schema to use instead. */
export const WRONG_SCHEMAS: Readonly<Record<string, { heldTo: object; why: string }>> = {
  'GET /app/installations 200': {
    heldTo: { type: 'array', items: { $ref: '#/components/schemas/installation' } },
    why: 'the description requires each account to be a user and an enterprise at the same time (`allOf`); everywhere else it is either',
  },
};
