import { route } from '@/lib/http/route';
import { notFound } from '@/lib/problem';

/** Responds to every path that has no route of its own, with a problem document instead of an HTML page. */
const nothing = route(
  { access: 'public', limits: { address: 'api' }, undescribed: 'it stands for every path without a route' },
  async () => {
    throw notFound();
  },
);

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
