import { route } from '@/lib/http/route';
import { notFound } from '@/lib/problem';

/** Answers with a problem document, not a page, at every path that no other route serves. */
const nothing = route(
  { access: 'public', limits: { address: 'api' }, undescribed: 'it stands for every path without a route' },
  async () => {
    throw notFound();
  },
);

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
