/** Codes that Node gives to a TLS connection whose certificate it does not accept, and what is wrong with it. */
const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is not trusted: NODE_EXTRA_CA_CERTS has to name a file with it',
  SELF_SIGNED_CERT_IN_CHAIN: 'is not trusted: NODE_EXTRA_CA_CERTS has to name a file with its CA',
  UNABLE_TO_GET_ISSUER_CERT: 'is not trusted: NODE_EXTRA_CA_CERTS has to name a file with its CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is not trusted: NODE_EXTRA_CA_CERTS has to name a file with its CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is not trusted: NODE_EXTRA_CA_CERTS has to name a file with its CA',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet: is the clock right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name than the one in the URL',
};

/** @returns what is wrong with the certificate, after "the certificate …"; `undefined` if the error is another one */
export function untrustedCertificate(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
}
