/**
 * Prints the packages that ship as CycloneDX: the production dependencies, and theirs.
 *
 *   node local/supply-chain/sbom.mjs > sbom.cdx.json
 *
 * `npm sbom --omit=dev` leaves out each package that also is a development dependency of any package, a workspace's
 * included. It left out 74 of 221 packages here, such as `pg` and `react`. This script filters npm's whole list
 * instead. Plain Node, because a workflow runs it without installing packages.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const MOST_BYTES = 64 * 1024 * 1024;

const locked = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;

/** Returns the place in the lock file from which Node would load a package, or undefined if it is not installed. */
function resolve(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (locked[place] !== undefined) return place;
    if (folder === '') return undefined;
  }
}

/** Names what a package needs. An optional peer ships only if another package depends on it. */
function neededBy({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} }) {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta[name]?.optional);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

const shipped = new Set();
function ship(from) {
  for (const name of neededBy(locked[from])) {
    const place = resolve(from, name);
    if (place === undefined || shipped.has(place)) continue;
    shipped.add(place);
    ship(place);
  }
}
ship('');

const nameOf = (place) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
const references = new Set([...shipped].map((place) => `${nameOf(place)}@${locked[place].version}`));

const command = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
const whole = JSON.parse(execFileSync('npm', command, { encoding: 'utf8', maxBuffer: MOST_BYTES }));
const isShipped = (reference) => references.has(reference);
const list = {
  ...whole,
  components: whole.components.filter((component) => isShipped(component['bom-ref'])),
  dependencies: whole.dependencies
    .filter(({ ref }) => isShipped(ref) || ref === whole.metadata.component['bom-ref'])
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isShipped) })),
};

const listed = new Set(list.components.map((component) => component['bom-ref']));
const missing = [...references].filter((reference) => !listed.has(reference));
if (missing.length > 0) throw new Error(`npm does not list ${missing.join(', ')}`);
console.log(JSON.stringify(list, null, 2));
