import { route } from '@/lib/http/route';
import { notFound } from '@/lib/problem';

/** Responds to every path without a route of its own, with a problem document instead of a page. */
const nothing = route(
  { access: 'public', limits: { address: 'api' }, undescribed: 'it stands for every path without a route' },
  async () => {
    throw notFound();
  },
);

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
