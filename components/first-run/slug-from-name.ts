const MAX_SLUG_LENGTH = 40;

/** `Acme & Söhne GmbH` → `acme-sohne-gmbh`; empty when nothing of the name can stand in an address. */
export function slugFromName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/^-+|-+$/g, '');
}
