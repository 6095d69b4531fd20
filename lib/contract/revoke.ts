import { z } from 'zod';
import { withExample } from './example';

/** Body of the revoke endpoint. Accepts any text as a token, because GitHub has changed its token formats before. */
export const RevokeRequest = withExample(z.strictObject({ token: z.string().min(1).max(10_000) }), {
  token: 'ghs_…',
});
export type RevokeRequest = z.output<typeof RevokeRequest>;
