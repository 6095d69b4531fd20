import type { NavItem } from '@/components/shell/site-nav';
import type { Membership } from '@/lib/auth/membership';
import { hasRole } from '@/lib/contract/members';

/** Returns the pages of a workspace that this member may use, in the order of the navigation. */
export function navItems({ slug, role }: Pick<Membership, 'slug' | 'role'>): NavItem[] {
  const isAdmin = hasRole(role, 'admin');
  return [
    { href: `/w/${slug}/settings/github`, label: 'GitHub' },
    ...(isAdmin ? [{ href: `/w/${slug}/settings/api-keys`, label: 'API keys' }] : []),
    { href: `/w/${slug}/settings/members`, label: 'Members' },
    ...(isAdmin ? [{ href: `/w/${slug}/audit-log`, label: 'Audit log' }] : []),
    { href: `/trust?workspace=${slug}`, label: 'Trust' },
    { href: `/docs/api?workspace=${slug}`, label: 'API' },
  ];
}
