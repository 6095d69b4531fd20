import { z } from 'zod';
import { NamedRepositories } from '../lib/contract/mint';

/** Parses `owner/a,owner/b` or ids. Rejects an empty list, which must never be taken to mean all repositories. */
export const RepositoryList = z
  .string()
  .transform((text) =>
    text.split(',').map((item) => (/^\d+$/.test(item.trim()) ? Number(item) : item.trim())),
  )
  .pipe(NamedRepositories);
