/**
 * `npm run demo` runs the main job from end to end on real parts. A customer connects GitHub, and a backend service
 * mints a token and clones real code with it. The audit log shows the mint. Each step is printed with its proof, but
 * never a token.
 *
 *   --once     Stops after the job. Exits 0 only if every step succeeded.
 *   --port N   The port of the app (3000). If it is taken, the next free one is used.
 *   --fresh    Has no effect. Every run starts with an empty database and a new GitHub.
 */
import { parseArgs } from 'node:util';
import { ensureBuild } from '../app/build';
import { type AppServer, startAppServer } from '../app/server';
import { onInterrupt } from '../process/on-interrupt';
import { type Services, startServices } from '../services';
import { CUSTOMER } from './customer';
import { runJob } from './job';
import { createSteps } from './steps';

const print = (line: string) => console.log(line);
let services: Services | undefined;
let app: AppServer | undefined;

async function close(): Promise<void> {
  await app?.stop();
  await services?.close();
}

async function demo(): Promise<void> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean' },
      fresh: { type: 'boolean' },
      port: { type: 'string', default: '3000' },
    },
  });
  const wanted = Number(values.port);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 65_535)
    throw new Error('--port needs a number from 1 to 65535');
  onInterrupt(close);
  const step = createSteps(print);

  services = await step(
    'PostgreSQL, a store that speaks Upstash’s protocol, and a local GitHub are running',
    () => startServices({ port: wanted }),
    ({ github, port }) =>
      `${port === wanted ? '' : `port ${wanted} is taken, so the app uses ${port}\n`}GitHub: ${github.webUrl}`,
  );
  const { env } = services;
  await step(
    'the production build is ready',
    () => ensureBuild({ quiet: true }),
    (built) => (built ? '' : 'from before'),
  );
  app = await step(
    'the app is serving',
    () => startAppServer({ mode: 'start', env }),
    ({ url }) => url,
  );
  await runJob(step, services, app);

  if (values.once) return;
  print('');
  print(
    `Open ${services.appUrl} and sign in as ${CUSTOMER.email}: the connection, its repositories and the audit`,
  );
  print(
    `log are there. On ${services.github.webUrl} sign in as ${CUSTOMER.github}, uninstall the App, and watch the`,
  );
  print('settings page follow. Ctrl-C ends everything and leaves nothing behind.');
  await app.ended;
}

try {
  await demo();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await close();
}
