/** What is kept of a provider's answer about a person; everything else, tokens above all, is dropped there (C04). */
export type VerifiedProfile = {
  /** The provider's own id, which never changes. */
  sub: string;
  name?: string;
  /** `null` unless the provider says that it has verified it. */
  verifiedEmail: string | null;
  /** Why there is none: the claim that is missing, or that the provider calls the address unverified. */
  distrusted?: 'email' | 'email_verified' | 'unverified';
};
