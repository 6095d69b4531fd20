/** The time of the first commit. It's fixed so that a repository's SHAs are the same on every machine. */
const FIRST_COMMIT_SECONDS = 1_735_689_600;
const DAY_SECONDS = 86_400;

interface Change {
  message: string;
  files: Record<string, string>;
}

function history(fullName: string): Change[] {
  const name = fullName.split('/')[1] ?? fullName;
  return [
    { message: 'Start the project', files: { 'README.md': `# ${name}\n\nCode of ${fullName}.\n` } },
    {
      message: 'Add the entry point',
      files: {
        'src/index.js': `export const project = ${JSON.stringify(fullName)};\n`,
        'package.json': `${JSON.stringify({ name, version: '1.0.0', type: 'module' }, null, 2)}\n`,
      },
    },
    {
      message: 'Test the entry point',
      files: {
        'test/index.test.js': `import { project } from '../src/index.js';\nif (project !== ${JSON.stringify(fullName)}) process.exit(1);\n`,
      },
    },
  ];
}

/** Returns a data block for `git fast-import`, which begins with its length in bytes. */
export function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

/** Returns a `git fast-import` stream: three commits on the default branch, the other branches, and the tag v1.0.0. */
export function initialContent(fullName: string, defaultBranch: string, branches: readonly string[]): string {
  const identity = (day: number): string =>
    `Local GitHub <noreply@example.test> ${FIRST_COMMIT_SECONDS + day * DAY_SECONDS} +0000`;
  const lines: string[] = [];
  history(fullName).forEach(({ message, files }, day) => {
    lines.push(`commit refs/heads/${defaultBranch}\nauthor ${identity(day)}\ncommitter ${identity(day)}\n`);
    lines.push(data(message));
    for (const [path, text] of Object.entries(files)) lines.push(`M 100644 inline ${path}\n${data(text)}`);
    lines.push('\n');
  });
  for (const branch of branches) {
    if (branch !== defaultBranch)
      lines.push(`reset refs/heads/${branch}\nfrom refs/heads/${defaultBranch}\n\n`);
  }
  lines.push(`tag v1.0.0\nfrom refs/heads/${defaultBranch}\ntagger ${identity(3)}\n${data('First release')}`);
  return lines.join('');
}
