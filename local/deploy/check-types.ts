/** Checks manifests against Kubernetes' published API description, as the types of `kubernetes-types`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Manifest } from './overlays';

/** Kinds that Kubernetes itself does not define. */
const FOREIGN = new Set(['ServiceMonitor']);

/**
 * Writes every object as a literal of its type, because TypeScript refuses unknown fields in a literal, missing
 * required fields and values of another type.
 *
 * @returns the compiler's messages
 */
export function checkTypes(manifests: readonly Manifest[]): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'pulsestream-manifests-'));
  const literals = manifests
    .filter(({ kind }) => !FOREIGN.has(kind ?? ''))
    .map((manifest, index) => {
      // `networking.k8s.io/v1` is described by `networking/v1`, and `v1` by `core/v1`.
      const group = manifest.apiVersion?.replace('.k8s.io', '').replace(/^v1$/, 'core/v1');
      return `import type { ${manifest.kind} as T${index} } from 'kubernetes-types/${group}';\nexport const m${index}: T${index} = ${JSON.stringify(manifest)};\n`;
    });
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: 'ESNext',
    moduleResolution: 'Bundler',
    types: [],
    paths: { 'kubernetes-types/*': [path.resolve('node_modules/kubernetes-types/*')] },
  };
  try {
    writeFileSync(path.join(folder, 'manifests.ts'), literals.join(''));
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const { stdout } = spawnSync(
      process.execPath,
      ['node_modules/typescript/bin/tsc', '--project', folder, '--pretty', 'false'],
      { encoding: 'utf8' },
    );
    return stdout.split('\n').filter((line) => line !== '');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
