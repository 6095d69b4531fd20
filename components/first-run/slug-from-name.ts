const MAX_SLUG_LENGTH = 40;

/**
 * Derives a slug from a name: `Acme & Söhne GmbH` becomes `acme-sohne-gmbh`. Returns an empty string if the name has no
 * usable characters.
 */
export function slugFromName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/^-+|-+$/g, '');
}
