import { z } from 'zod';
import { withExample } from './example';

/** Body of the revoke endpoint. A token is opaque, because GitHub has changed its form and length before. */
export const RevokeRequest = withExample(z.strictObject({ token: z.string().min(1).max(10_000) }), {
  token: 'ghs_…',
});
export type RevokeRequest = z.output<typeof RevokeRequest>;
