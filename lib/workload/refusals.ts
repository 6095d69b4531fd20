/**
 * The reasons why an identity token is refused, each with the sentence for the log and for an administrator's dry run. An
 * answer of the API never contains one.
 */
export const REFUSALS = {
  malformed: 'This is no signed JWT in compact form.',
  wrong_type: 'The header’s typ names another kind of token.',
  algorithm_not_allowed: 'The signature’s algorithm is not allowed: it must be RSA, ECDSA or Ed25519.',
  critical_header: 'The header requires extensions (crit) that this service does not have.',
  no_key_id: 'The header names no key (kid).',
  unknown_issuer: 'The operator of this service trusts no issuer with exactly this iss.',
  unknown_key: 'The issuer does not publish a usable key with this kid.',
  bad_signature: 'The signature is not by the issuer’s key.',
  wrong_audience: 'The audience (aud) must be this service alone.',
  invalid_subject: 'The subject (sub) is missing, too long, or holds control characters.',
  invalid_token_id: 'The token’s id (jti) is not a text.',
  invalid_times: 'The times exp, and iat or nbf, must be there and be numbers.',
  expired: 'The token has expired.',
  not_yet_valid: 'The token is not valid yet (iat or nbf lies ahead).',
  invalid_lifetime: 'The token must expire after it was issued, and within one hour.',
} as const;

export type Refusal = keyof typeof REFUSALS;

/** Thrown for an identity token that proves nothing. */
export class WorkloadTokenRefused extends Error {
  override readonly name = 'WorkloadTokenRefused';
  constructor(readonly reason: Refusal) {
    super(REFUSALS[reason]);
  }
}
