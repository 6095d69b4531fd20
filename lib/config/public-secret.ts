/**
 * Marks the passwords and secrets of `compose.yaml`, which everybody can read. The marker is part of each value, so it
 * stays when someone copies one into another environment.
 */
const MARKER = 'local-only';

/**
 * Checks a password or secret, or a URL that contains one, for staging and prod.
 *
 * @returns what is wrong, or `undefined`
 */
export function publicSecretFault(value: string): string | undefined {
  return value.includes(MARKER) ? 'is known to everybody; it comes from compose.yaml' : undefined;
}
