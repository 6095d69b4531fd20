/** The post step of the action. The runner runs it at the end of every job, also of a failed or cancelled one. */
import { endHolder } from './end-holder.js';
import { reportWarning } from './runner.js';

const { STATE_end: socket } = process.env;
// Without a socket, the main step has failed, and nothing was handed out.
if (socket)
  try {
    const { unrevoked } = await endHolder(socket);
    if (unrevoked === 0) process.stdout.write('Every token is revoked.\n');
    else reportWarning(`${unrevoked} token(s) could not be revoked; each expires within the hour.`);
  } catch {
    reportWarning('The process that holds the tokens is gone; each token expires within the hour.');
  }
