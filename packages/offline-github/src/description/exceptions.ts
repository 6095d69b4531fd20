/**
 * Where GitHub's description is silent or wrong, and what is held instead. Each row has its reason; a test sees that
 * each row is still needed.
 */

/** Routes that GitHub serves without describing them, and the described route that they are held to. */
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
 * Statuses of errors that an operation does not describe, such as 401 for a bad credential: GitHub answers them
 * everywhere, in the form of `basic-error` with a message.
 */
export const UNDESCRIBED_ERRORS = { heldTo: 'basic-error', required: ['message'] } as const;

/** Answers whose described schema GitHub itself does not keep, and the schema that they are held to. */
export const WRONG_SCHEMAS: Readonly<Record<string, { heldTo: object; why: string }>> = {
  'GET /app/installations 200': {
    heldTo: { type: 'array', items: { $ref: '#/components/schemas/installation' } },
    why: 'the description wants each account to be a user and an enterprise at the same time (`allOf`); everywhere else it is either',
  },
};
