/**
 * `npm run claims -- --mutate` breaks each claim of docs/claims.md in turn, and shows that its test fails.
 *
 * - Without `--mutate`, it only lists the claims with their tests and mutations.
 * - With `--only` and a claim's id, it leaves out the other claims. The option may be repeated.
 *
 * It goes on after a mutation that was not caught. All of them take about half an hour on two cores.
 *
 * Exits with 1 if a test passes while its claim is broken, or if a patch no longer applies.
 */
import { parseArgs } from 'node:util';
import { table } from '../../bench/report';
import { readClaims } from './documented';
import { MUTATIONS, readMutations } from './mutations';
import { tryMutations } from './try-mutations';

const { values } = parseArgs({
  options: { mutate: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});
const isWanted = (claim: string) => values.only === undefined || values.only.includes(claim);
const mutations = readMutations().filter(({ claim }) => isWanted(claim));

if (mutations.length === 0) {
  console.error(`${MUTATIONS} has no patch for ${values.only?.join(', ')}`);
  process.exitCode = 1;
} else if (values.mutate) {
  const started = performance.now();
  const tried = await tryMutations(mutations);
  const caught = tried.filter(({ result }) => result === 'caught').length;
  const rows = tried.map(({ mutation, result, reason, seconds }) => [
    mutation.claim,
    mutation.title,
    result === 'caught' ? mutation.caughtBy : `${result}: ${reason}`,
    seconds.toFixed(1),
  ]);
  console.log(`\n${table({ columns: ['claim', 'mutation', 'caught by', 'seconds'], rows })}`);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  console.log(`\n${caught} caught, ${tried.length - caught} not caught, in ${minutes} min`);
  process.exitCode = caught === tried.length ? 0 : 1;
} else {
  const rows = readClaims()
    .filter(({ id }) => isWanted(id))
    .map(({ id, status = '', tests }) => [
      id,
      status,
      String(tests.length),
      String(mutations.filter(({ claim }) => claim === id).length),
    ]);
  console.log(table({ columns: ['claim', 'status', 'tests', 'mutations'], rows }));
}
