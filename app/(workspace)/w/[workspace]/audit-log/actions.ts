'use server';

import { z } from 'zod';
import { readAddress, deleteView as remove, saveView as save, ViewName } from '@/lib/audit/views';
import { auditLogHref } from '@/lib/contract/audit-log-href';
import { action } from '@/lib/http/action';
import { AUDIT_PAGE } from './notices';

/** The search that the page shows, so that it shows the same afterwards. */
const Address = z.string().max(2000).catch('');

/** Returns the page's address with the same search. */
const backTo = (pageHref: string, address: string) => {
  const [, , slug = ''] = pageHref.split('/');
  return auditLogHref(slug, readAddress(address));
};

export const saveView = action(
  {
    access: 'admin',
    page: AUDIT_PAGE,
    input: z.object({ name: ViewName, address: Address }),
    invalid: 'view_unnamed',
    refused: ({ code }) => (code === 'invalid_request' ? 'too_many_views' : undefined),
  },
  async ({ by, input, pageHref }) => {
    await save(by, input.name, input.address);
    return backTo(pageHref, input.address);
  },
);

export const deleteView = action(
  { access: 'admin', page: AUDIT_PAGE, input: z.object({ id: z.string(), address: Address }) },
  async ({ by, input, pageHref }) => {
    await remove(by, input.id);
    return backTo(pageHref, input.address);
  },
);
