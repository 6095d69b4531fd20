import type { Json } from '../contract/audit-event';

/** The most repositories that an audit row names. It always gives the number. */
const MAX_NAMED = 100;

export function describeRepositories(
  repositories: readonly { id: bigint | number; owner: string; name: string }[],
): { [key: string]: Json } {
  return {
    count: repositories.length,
    repositories: repositories
      .slice(0, MAX_NAMED)
      .map(({ id, owner, name }) => ({ id: Number(id), full_name: `${owner}/${name}` })),
  };
}
