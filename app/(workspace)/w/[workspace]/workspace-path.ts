import { currentPage } from '@/lib/auth/session';

/** The path of the workspace that the address names: for the pages of errors, which Next gives no parameters. */
export async function workspacePath(): Promise<string> {
  return /^\/w\/[^/?]+/.exec(await currentPage())?.[0] ?? '/';
}
