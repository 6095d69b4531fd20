import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { getDb } from '../../../lib/db/client.js';
import { startIdentityService, startTrustedJobs } from '../action/test-runner.js';
import { startMachine } from './test-machine.js';

const machine = await startMachine();
const { github } = machine.world;
const FILE = path.join(machine.home, 'identity-token');
const JOB = { repository: 'acme/engine' };
const POD = { namespace: 'analysis', serviceAccount: 'engine' };
const actions = await startTrustedJobs(machine);
const ruleOfPods = await machine.trust({
  subject: 'system:serviceaccount:analysis:engine',
  claims: { 'kubernetes.io/namespace': 'analysis' },
  repositories: ['acme/api'],
});

let folders = 0;
const newFolder = () => {
  folders += 1;
  return machine.folder(`clone-${folders}`);
};

/** Runs `pulsestream` without an API key. */
const run = (args: string[], env: Record<string, string>) =>
  machine.pulsestream(args, {
    env: { PULSESTREAM_API_KEY: '', PULSESTREAM_WORKSPACE: machine.scene.slug, ...env },
  });

/** Replaces the token in one step, as the kubelet does. */
async function project(token: string): Promise<void> {
  await writeFile(`${FILE}.new`, `${token}\n`);
  await rename(`${FILE}.new`, FILE);
}

const byFile = { PULSESTREAM_IDENTITY_TOKEN_FILE: FILE };
const signPod = (pod = POD) => machine.issuer.signKubernetes(pod, { aud: [machine.origin] });

/** The audit events of mints that were not there before. */
let lastSeq = 0n;
const mints = () =>
  getDb().auditEvent.findMany({
    where: { seq: { gt: lastSeq }, type: 'github.token_minted' },
    orderBy: { seq: 'asc' },
  });

beforeEach(async () => {
  github.knobs.reset();
  const last = await getDb().auditEvent.findFirst({ orderBy: { seq: 'desc' } });
  lastSeq = last?.seq ?? 0n;
});

describe('pulsestream in a job of GitHub Actions', () => {
  it('gives git of a command its tokens by the job’s identity, which the audit log names', async () => {
    const before = await machine.livingTokens();
    const clone = `git clone --quiet ${github.webUrl}/acme/web.git ${newFolder()}`;
    const done = await run(['exec', '--repo', 'acme/web', '--', 'sh', '-c', clone], actions.variables);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    const [mint, ...others] = await mints();
    expect(others).toEqual([]);
    const subject = 'repo:acme/engine:ref:refs/heads/main';
    expect(mint).toMatchObject({
      actorType: 'workload',
      actorLabel: subject,
      details: { workload: { issuer: machine.issuer.url, subject } },
    });
    expect(await machine.livingTokens()).toEqual(before);
  });

  it('is refused in a job of another repository', async () => {
    const { variables } = await startIdentityService((aud) =>
      machine.issuer.signGitHubActions({ repository: 'acme/other' }, { aud }),
    );
    const done = await run(['clone', 'acme/api', newFolder()], variables);
    expect(done).toMatchObject({ code: 77, stdout: '' });
    expect(await mints()).toEqual([]);
  });

  it('mints once with one identity token, so that a stolen one is worthless', async () => {
    await project(await machine.issuer.signGitHubActions(JOB, { aud: machine.origin }));
    expect((await run(['clone', 'acme/api', newFolder(), '-q'], byFile)).code).toBe(0);
    const again = await run(['token', '--repo', 'acme/api'], byFile);
    expect(again).toMatchObject({ code: 77, stdout: '' });
    expect(await mints()).toHaveLength(1);
  });
});

describe('pulsestream in a pod of Kubernetes', () => {
  it('uses the projected token again and again, and a rotated one from the next command on', async () => {
    const before = await machine.livingTokens();
    await project(await signPod());
    for (const _ of ['first', 'second'])
      expect(await run(['clone', 'acme/api', newFolder(), '-q'], byFile)).toMatchObject({
        code: 0,
        stderr: '',
      });
    await project(await signPod({ ...POD, serviceAccount: 'other' }));
    expect((await run(['clone', 'acme/api', newFolder(), '-q'], byFile)).code).toBe(77);
    await project(await signPod());
    expect((await run(['clone', 'acme/api', newFolder(), '-q'], byFile)).code).toBe(0);
    expect((await mints()).map(({ actorId }) => actorId)).toEqual([ruleOfPods, ruleOfPods, ruleOfPods]);
    expect(await machine.livingTokens()).toEqual(before);
  });

  it('reads the repositories of the rule, and no others', async () => {
    await project(await signPod());
    const done = await run(['clone', 'acme/web', newFolder()], byFile);
    expect(done).toMatchObject({ code: 66, stdout: '' });
    expect(await mints()).toEqual([]);
  });

  it('keeps the identity from the command of exec', async () => {
    await project(await signPod());
    const done = await run(['exec', '--', 'env'], byFile);
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/^GITHUB_TOKEN=ghs_\S+$/m);
    expect(done.stdout).not.toContain('PULSESTREAM_IDENTITY_TOKEN_FILE');
  });

  it('is refused by a workspace that has no rule for it', async () => {
    await project(await signPod());
    const done = await run(['clone', 'acme/api', newFolder()], { ...byFile, PULSESTREAM_WORKSPACE: 'other' });
    expect(done).toMatchObject({ code: 77, stdout: '' });
  });
});
