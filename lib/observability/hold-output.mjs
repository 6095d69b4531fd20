/**
 * Holds back Next's early output until `captureOutput` passes it to the log. Next starts printing before it loads the
 * app's code, so `npm start` preloads this file. If the process exits before then, prints the held output as log lines.
 */
import { writeSync } from 'node:fs';

/** @type {{ source: 'stdout' | 'stderr', text: string }[]} */
const held = [];
const MOST_HELD = 1000;

/** @param {'stdout' | 'stderr'} source */
function hold(source) {
  const stream = process[source];
  const write = stream.write;
  stream.write = /** @type {typeof stream.write} */ (
    (chunk, encoding, done) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      if (held.length < MOST_HELD) held.push({ source, text });
      const callback = typeof encoding === 'function' ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    }
  );
  return () => {
    stream.write = write;
  };
}

const restores = [hold('stdout'), hold('stderr')];

/** @param {Error} error */
function printFatal(error) {
  held.push({ source: 'stderr', text: error?.stack ?? String(error) });
  process.exit(1);
}

function printHeld() {
  for (const { source, text } of held.splice(0)) {
    const msg = text.trim().slice(0, 4096);
    if (msg === '') continue;
    const level = source === 'stdout' ? 'info' : 'error';
    const line = { level, time: new Date().toISOString(), source, msg };
    const safe = JSON.stringify(line).replace(
      /[\u007f-\u009f\u2028-\u202e]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    writeSync(1, `${safe}\n`);
  }
}

process.on('uncaughtException', printFatal);
process.on('exit', printHeld);

globalThis.pulsestreamHeldOutput = () => {
  for (const restore of restores) restore();
  process.off('uncaughtException', printFatal);
  process.off('exit', printHeld);
  return held.splice(0);
};
