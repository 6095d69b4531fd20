/**
 * Lists where GitHub's description is incomplete or wrong, which schema applies instead, and why. A test fails when an
 * entry is no longer needed.
 */

/** Routes that GitHub serves but does not describe, each with the described route whose schema it must match. */
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
 * The schema for error statuses that an operation does not describe, such as 401 for a bad credential. GitHub returns
 * such errors from any operation, as a `basic-error` with a message.
 */
export const UNDESCRIBED_ERRORS = { heldTo: 'basic-error', required: ['message'] } as const;

/** Responses that violate their description on github.com too, with the schema that applies instead. */
export const WRONG_SCHEMAS: Readonly<Record<string, { heldTo: object; why: string }>> = {
  'GET /app/installations 200': {
    heldTo: { type: 'array', items: { $ref: '#/components/schemas/installation' } },
    why: 'the description requires each account to be a user and an enterprise at the same time (`allOf`); everywhere else it is either',
  },
};
