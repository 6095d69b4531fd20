import { z } from 'zod';

/** Of a payload we read this and nothing else; GitHub may add to it what it likes. */
const Id = z.int().positive();
const Account = z.object({
  id: Id,
  login: z.string().optional(),
  slug: z.string().optional(),
  type: z.string().default('Enterprise'),
});
const Owner = z.object({ id: Id }).optional().catch(undefined);
const Repository = z.object({ id: Id, owner: Owner });
const Repositories = z.array(Repository);

export const Payload = z.object({
  action: z.string().optional(),
  installation: z
    .object({
      id: Id,
      account: Account.nullish(),
      repository_selection: z.enum(['all', 'selected']).optional(),
    })
    .optional(),
  sender: z.object({ id: Id }).optional(),
  requester: z.object({ id: Id }).nullish(),
  repositories_removed: Repositories.optional(),
  repository: Repository.optional(),
  /** Of `repository.transferred`: whose it was. */
  changes: z
    .object({
      owner: z
        .object({ from: z.object({ organization: Owner, user: Owner }) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});
export type Payload = z.output<typeof Payload>;
