import { z } from 'zod';
import { withExample } from './example';

/** Body of `PATCH /api/v1/workspaces/{workspace}`. */
export const UpdateWorkspace = withExample(
  z.strictObject({
    api_keys_allowed: z
      .boolean()
      .describe(
        '`false` refuses every API key of the workspace from its next request on. `true` lets them work again.',
      ),
  }),
  { api_keys_allowed: false },
);

export const Workspace = withExample(
  z.strictObject({
    slug: z.string(),
    name: z.string(),
    /** Whether services may use API keys. Trust rules work in any case. */
    api_keys_allowed: z.boolean(),
  }),
  { slug: 'acme', name: 'Acme', api_keys_allowed: true },
);
export type Workspace = z.output<typeof Workspace>;
