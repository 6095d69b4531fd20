const MAX_SLUG_LENGTH = 40;

/** Derives `acme-sohne-gmbh` from `Acme & Söhne GmbH`. It is empty if no character of the name fits an address. */
export function slugFromName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/^-+|-+$/g, '');
}
