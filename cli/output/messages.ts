import { styleText } from 'node:util';
import { visibleText } from './visible-text.ts';

/** Tells the user something on stderr, where it never mixes with the data on stdout. */
export function say(message: string): void {
  process.stderr.write(`${visibleText(message)}\n`);
}

/** Warns on stderr: the command goes on. */
export function warn(message: string): void {
  process.stderr.write(`${styleText('yellow', 'warning:', { stream: process.stderr })} ${visibleText(message)}\n`);
}

/** Says what is being waited for, on a terminal only: a script's log needs the results alone. */
export function progress(message: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`${styleText('dim', `… ${visibleText(message)}`, { stream: process.stderr })}\n`);
  }
}
