/** Creates a self-signed certificate for TLS tests. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { findProgram } from './debian-programs';

export interface CertificateFiles {
  certificate: string;
  key: string;
}

export function canMakeCertificate(): boolean {
  return findProgram('openssl') !== undefined;
}

/**
 * Writes `certificate.pem` and `key.pem` to the folder, for these host names, or for `localhost` and 127.0.0.1.
 *
 * @throws if openssl is missing or fails
 */
export function makeCertificate(folder: string, hosts?: readonly string[]): CertificateFiles {
  const [certificate, key] = [path.join(folder, 'certificate.pem'), path.join(folder, 'key.pem')];
  const names = hosts?.map((host) => `DNS:${host}`) ?? ['DNS:localhost', 'IP:127.0.0.1'];
  const { status, stderr } = spawnSync(findProgram('openssl') ?? 'openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', `subjectAltName=${names.join(',')}`, '-keyout', key, '-out', certificate],
  ]);
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`);
  return { certificate, key };
}
