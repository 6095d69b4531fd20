import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * True if the file holds certificates in PEM, and nothing in it is damaged. Node itself only prints a warning about such
 * a file and goes on without it, so every TLS connection to a private server would fail much later.
 */
export function isCaBundle(file: string): boolean {
  try {
    const certificates = readFileSync(file, 'utf8').match(CERTIFICATE) ?? [];
    for (const pem of certificates) new X509Certificate(pem);
    return certificates.length > 0;
  } catch {
    return false;
  }
}
