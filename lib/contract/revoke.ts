import { z } from 'zod';

/** Body of the revoke endpoint. A token is opaque: GitHub has changed its form and its length before. */
export const RevokeRequest = z.strictObject({ token: z.string().min(1).max(10_000) });
export type RevokeRequest = z.output<typeof RevokeRequest>;
