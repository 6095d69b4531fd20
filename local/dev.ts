/** `npm run dev` starts PostgreSQL, a store, a GitHub and the app with hot reload on this machine. */
import { type AppServer, startAppServer } from './app/server';
import { onInterrupt } from './process/on-interrupt';
import { startServices } from './services';

const wanted = Number(process.env.PORT ?? 3000);
const services = await startServices({ environment: 'dev', port: wanted });
let app: AppServer | undefined;
onInterrupt(async () => {
  await app?.stop();
  await services.close();
});
if (services.port !== wanted) console.log(`Port ${wanted} is taken; using ${services.port}.`);
console.log(`
  app      ${services.appUrl}      (sign in with any email address)
  GitHub   ${services.github.webUrl}
  database ${services.database.name} on port ${services.postgres.server.port}, fresh at every start
`);
app = await startAppServer({ mode: 'dev', env: services.env, echo: true });
await app.ended;
await services.close();
