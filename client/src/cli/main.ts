/** Runs one command of the binary, and resolves to its exit code. */
export async function main(_args: readonly string[]): Promise<number> {
  process.stderr.write('pulsestream has no commands yet\n');
  return 64;
}
