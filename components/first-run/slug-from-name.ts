const MAX_SLUG_LENGTH = 40;

/**
 * Derives a slug, such as `acme-sohne-gmbh` from `Acme & Söhne GmbH`. Returns an empty string if the name has no usable
 * character.
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
