/** Runs the build of `npm run build` without the set-up. Builds only if something has changed since the last build. */
import { ensureBuild } from './build';

const built = await ensureBuild();
if (!built) console.log('the production build is up to date');
