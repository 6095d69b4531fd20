import type { NavItem } from '@/components/shell/site-nav';
import type { Membership } from '@/lib/auth/membership';
import { hasRole } from '@/lib/contract/members';

/** The pages of a workspace that this member may use, in the order of the navigation. */
export function navItems({ slug, role }: Pick<Membership, 'slug' | 'role'>): NavItem[] {
  const admin = hasRole(role, 'admin');
  return [
    { href: `/w/${slug}/settings/github`, label: 'GitHub' },
    ...(admin ? [{ href: `/w/${slug}/settings/api-keys`, label: 'API keys' }] : []),
    { href: `/w/${slug}/settings/members`, label: 'Members' },
    ...(admin ? [{ href: `/w/${slug}/audit-log`, label: 'Audit log' }] : []),
    { href: `/trust?workspace=${slug}`, label: 'Trust' },
    { href: `/docs/api?workspace=${slug}`, label: 'API' },
  ];
}
