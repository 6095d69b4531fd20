import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findProgram } from '../services/debian-programs';
import { EXCEPTIONS, type LockedPackage, refusedLicences } from './licences';

const FOLDER = '.github/workflows';
const FILES = readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`);

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  uses?: string;
  permissions?: Record<string, string>;
  steps?: Step[];
  'runs-on'?: string;
  'timeout-minutes'?: number;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: unknown;
  jobs: Record<string, Job>;
}

const workflows = FILES.map((file) => ({ file, workflow: parse(readFileSync(file, 'utf8')) as Workflow }));
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${file} ${name}`, job })),
);
const steps = jobs.flatMap(({ job }) => job.steps ?? []);

it('pins every action of a workflow to a commit, with its version beside it', () => {
  const uses = FILES.flatMap((file) => readFileSync(file, 'utf8').match(/^.*\buses: (?!\.\/).*$/gm) ?? []);
  expect(uses.length).toBeGreaterThan(5);
  expect(uses.filter((line) => !/uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual(
    [],
  );
});

it('gives no workflow a permission, and a job only those it needs', () => {
  expect(workflows.map(({ workflow }) => workflow.permissions)).toEqual(workflows.map(() => ({})));
  const wider = jobs.filter(({ job }) => JSON.stringify(job.permissions) !== '{"contents":"read"}');
  expect(wider.map(({ name, job }) => [name, job.permissions])).toEqual([
    [
      '.github/workflows/image.yml image',
      { contents: 'read', packages: 'write', 'id-token': 'write', attestations: 'write' },
    ],
  ]);
});

it('runs no workflow with secrets on code from a fork', () => {
  const triggers = workflows.flatMap(({ workflow }) => Object.keys(workflow.on));
  expect(triggers).not.toContain('pull_request_target');
  expect(triggers).not.toContain('workflow_run');
});

it('keeps values of events and the job’s token out of scripts and checkouts', () => {
  expect(steps.filter(({ run }) => run?.includes('${{'))).toEqual([]);
  const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
  expect(checkouts.length).toBeGreaterThan(2);
  expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
});

it('ends every job of a workflow by itself, on a named runner', () => {
  const running = jobs.filter(({ job }) => job.uses === undefined);
  for (const { name, job } of running) {
    expect([name, job['timeout-minutes']]).toEqual([name, expect.any(Number)]);
    expect([name, job['runs-on']]).toEqual([name, expect.stringMatching(/-\d/)]);
  }
});

it('scans an image before it is pushed, and signs and attests what was pushed', () => {
  const image = workflows.find(({ file }) => file.endsWith('image.yml'))?.workflow.jobs.image?.steps ?? [];
  const at = (pattern: RegExp) => image.findIndex(({ uses, run }) => pattern.test(`${uses} ${run}`));
  const order = [
    /docker build/,
    /sbom\.mjs/,
    /anchore\/scan-action/,
    /docker push/,
    /cosign sign/,
    /actions\/attest@/,
  ];
  const found = order.map(at);
  expect(found).not.toContain(-1);
  expect(found).toEqual(found.toSorted((a, b) => a - b));
  expect(image.filter(({ uses }) => uses?.startsWith('actions/attest@'))).toHaveLength(2);
});

const actionlint = findProgram('actionlint');
it.skipIf(actionlint === undefined)(
  'has workflows that actionlint accepts (skipped where it is missing)',
  () => {
    expect(execFileSync(actionlint ?? '', FILES, { encoding: 'utf8' })).toBe('');
  },
);

it('has every ecosystem updated: npm, actions and base images', () => {
  const { updates } = parse(readFileSync('.github/dependabot.yml', 'utf8')) as {
    updates: { 'package-ecosystem': string; directory?: string }[];
  };
  const atRoot = updates.filter(({ directory }) => directory === '/').map((it) => it['package-ecosystem']);
  expect(atRoot.sort()).toEqual(['docker', 'github-actions', 'npm']);
});

interface LockEntry {
  version?: string;
  license?: string;
  optional?: boolean;
  dev?: boolean;
  link?: boolean;
  dependencies?: Record<string, string>;
}
const lock: Record<string, LockEntry> = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
const installed = Object.entries(lock).filter(([path, { link }]) => path.includes('node_modules/') && !link);
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const packages: LockedPackage[] = installed.map(([path, { license, optional = false }]) => ({
  name: nameOf(path),
  licence: license,
  optional,
}));

it('installs only packages whose licence is permissive or a reasoned exception', () => {
  expect(packages.length).toBeGreaterThan(400);
  expect(refusedLicences(packages)).toEqual([]);
});

it('refuses a copyleft licence, an unknown one, and a part of one that is', () => {
  const refused = ['GPL-3.0-only', 'AGPL-3.0-or-later', 'UNLICENSED', 'MIT AND GPL-3.0-only', undefined];
  const accepted = ['MIT', 'MIT OR GPL-3.0-only', '(MIT OR Apache-2.0)', 'MIT and ISC'];
  const as = (licence: string | undefined) => ({ name: 'x', licence, optional: false });
  expect(refusedLicences([...refused, ...accepted].map(as)).map(({ licence }) => licence)).toEqual(refused);
});

it('has no exception that nothing needs', () => {
  const isUsed = (exception: (typeof EXCEPTIONS)[number]) =>
    packages.some(({ name, licence }) => name.startsWith(exception.name) && licence === exception.licence);
  expect(EXCEPTIONS.filter((exception) => !isUsed(exception))).toEqual([]);
});

describe('the CycloneDX list of the image’s workflow', () => {
  const command = steps.find(({ run }) => run?.includes('sbom.mjs'))?.run ?? '';
  const [program = '', ...args] = (command.split(' > ')[0] ?? '').split(' ');
  const sbom: {
    components: { name: string; version: string; 'bom-ref': string }[];
    dependencies: { ref: string; dependsOn: string[] }[];
  } = JSON.parse(execFileSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }));
  const listed = new Map(sbom.components.map(({ name, version }) => [`${name}@${version}`, name]));

  it('is in a version of CycloneDX, and refers only to what it lists', () => {
    expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: expect.stringMatching(/^1\./) });
    const known = new Set(sbom.components.map((component) => component['bom-ref']));
    expect(sbom.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !known.has(ref))).toEqual(
      [],
    );
  });

  it('has every production dependency, and each of theirs', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(
      Object.entries(dependencies).filter(([name, version]) => !listed.has(`${name}@${version}`)),
    ).toEqual([]);
    const theirs = installed
      .filter(([path, { version }]) => listed.has(`${nameOf(path)}@${version}`))
      .flatMap(([, { dependencies: needed = {} }]) => Object.keys(needed));
    const names = new Set(listed.values());
    expect(theirs.length).toBeGreaterThan(200);
    expect(theirs.filter((name) => !names.has(name))).toEqual([]);
  });

  it('has no package that only development needs', () => {
    const shipped = new Set(
      installed.filter(([, { dev }]) => !dev).map(([path, { version }]) => `${nameOf(path)}@${version}`),
    );
    expect([...listed.keys()].filter((reference) => !shipped.has(reference))).toEqual([]);
  });

  const built = '.next/standalone/node_modules';
  it.skipIf(!existsSync(built))(
    'has every package of the build that the image copies (skipped without a build)',
    () => {
      const files = readdirSync(built, { recursive: true }).map(String);
      const found = files
        .filter((file) => /(?:^|node_modules\/)(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file))
        .map((file) => JSON.parse(readFileSync(`${built}/${file}`, 'utf8')).name);
      const names = new Set(listed.values());
      expect(found.length).toBeGreaterThan(20);
      expect(found.filter((name) => !names.has(name))).toEqual([]);
    },
  );
});
