/**
 * Runs only the build step of `npm run build`, without the set-up. Skips it if nothing has changed since the last
 * build.
 */
import { ensureBuild } from './build';

const built = await ensureBuild();
if (!built) console.log('the production build is up to date');
