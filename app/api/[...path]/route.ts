import { route } from '@/lib/http/route';
import { notFound } from '@/lib/problem';

/** Whatever no other route answers: a problem document, not a page. */
const nothing = route({ auth: 'none', rateLimit: 'api' }, async () => {
  throw notFound();
});

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
